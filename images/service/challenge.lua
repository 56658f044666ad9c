-- Answers an ACME server's question with the proof that lego wrote: lego and the gateway's tasks share a folder. The
-- engine's DNS does not know the task of lego before it is healthy, so the questions cannot be passed on to it.
local FOLDER = "/certificates/challenge/.well-known/acme-challenge/"

core.register_service("challenge", "http", function(applet)
    local token = applet.path:match("^/%.well%-known/acme%-challenge/([%w_-]+)$")
    local file = token and io.open(FOLDER .. token, "r")
    local body = file and file:read("a") or "404: no such proof.\n"
    if file then
        file:close()
    end
    applet:set_status(file and 200 or 404)
    applet:add_header("content-type", "text/plain")
    applet:add_header("content-length", tostring(#body))
    applet:start_response()
    applet:send(body)
end)
