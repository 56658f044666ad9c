/** What section and single trace are drawn with. */

/** Room for the axes, in CSS pixels. */
export const EDGE = { left: 52, right: 12, bottom: 8 };
const SINGLE_HEIGHT = 300;

/** One trace, as wide as its canvas. */
export function drawSingle(canvas, gather, index) {
    const width = canvas.parentElement.clientWidth;
    const context = prepared(canvas, width, SINGLE_HEIGHT);
    const area = { left: EDGE.left, top: 8, width: width - EDGE.left - EDGE.right, height: SINGLE_HEIGHT - 8 - EDGE.bottom };
    context.fillStyle = "#fff";
    context.fillRect(area.left, area.top, area.width, area.height);
    const trace = gather.amplitudesOf(index);
    const most = trace.reduce((best, value) => (Math.abs(value) > best ? Math.abs(value) : best), 0) || 1;
    wiggle(context, trace, area.left + area.width / 2, (area.width * 0.46) / most, area, most);
    drawTimes(context, area, gather);
}

/** Sets a canvas's size for this screen's pixels, and returns its cleared context in CSS pixels. */
export function prepared(canvas, width, height) {
    const ratio = window.devicePixelRatio || 1;
    Object.assign(canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    context.font = "11px system-ui, sans-serif";
    return context;
}

/** A pixel a sample: grey (black is positive) or blue to white to red, symmetric about 0. */
export function density({ amplitudes, samples, count }, limit, palette) {
    const canvas = Object.assign(document.createElement("canvas"), { width: count, height: samples });
    const context = canvas.getContext("2d");
    const image = context.createImageData(count, samples);
    for (let index = 0; index < count; index += 1) {
        for (let sample = 0; sample < samples; sample += 1) {
            const value = Math.max(-1, Math.min(1, amplitudes[index * samples + sample] / limit));
            image.data.set(pixel(value, palette), (sample * count + index) * 4);
        }
    }
    context.putImageData(image, 0, 0);
    return canvas;
}

function pixel(value, palette) {
    if (Number.isNaN(value)) {
        return [255, 221, 87, 255]; // no colour of either palette: there is no amplitude
    }
    if (palette === "grey") {
        const shade = 128 - 127 * value;
        return [shade, shade, shade, 255];
    }
    const pale = 255 * (1 - Math.abs(value));
    return value > 0 ? [255 - 40 * value, pale, pale, 255] : [pale, pale, 255 + 60 * value, 255];
}

/** The line of a trace with its positive lobes filled; `scale` is pixels a unit, `limit` where it is cut. */
export function wiggle(context, trace, middle, scale, { top, height }, limit) {
    const step = height / trace.length;
    const x = (value) => middle + scale * Math.max(-limit, Math.min(limit, Number.isFinite(value) ? value : 0));
    const line = new Path2D();
    const lobes = new Path2D();
    lobes.moveTo(middle, top);
    trace.forEach((value, sample) => {
        const y = top + (sample + 0.5) * step;
        line[sample ? "lineTo" : "moveTo"](x(value), y);
        lobes.lineTo(Math.max(middle, x(value)), y);
    });
    lobes.lineTo(middle, top + height);
    context.fillStyle = context.strokeStyle = "#111";
    context.lineWidth = 0.7;
    context.fill(lobes);
    context.stroke(line);
    context.lineWidth = 1;
}

/** The time axis, in ms from 0 at the top. */
export function drawTimes(context, { left, top, height }, { samples, stepMs }) {
    const total = samples * stepMs;
    const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].find((each) => total / each <= 10) ?? 10_000;
    context.fillStyle = getComputedStyle(context.canvas).getPropertyValue("--quiet");
    context.textAlign = "right";
    for (let time = 0; time < total; time += step) {
        const y = top + (height * time) / total;
        context.fillRect(left - 5, y, 5, 1);
        context.fillText(time === 0 ? "0 ms" : time, left - 8, Math.max(top + 8, y + 4));
    }
}
