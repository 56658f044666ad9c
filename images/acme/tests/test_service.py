import pytest
from prometheus_client import generate_latest

from acme.certificate import read_certificate
from acme.lego import Failure
from acme.metrics import registry_of

from .conftest import BEGIN, DAY


def told(service):
    lines = generate_latest(registry_of(service.state)).decode().splitlines()
    pairs = (line.split(" ") for line in lines if line.startswith("certificate_"))
    return {name.removeprefix("certificate_"): float(value) for name, value in pairs}


def test_the_first_certificate_is_asked_for_at_once(make, server, settings, capsys):
    service = make()
    assert not settings().ready.exists()
    assert told(service) == {}
    service.step()
    assert (server.asked, settings().ready.exists()) == (1, True)
    assert service.due == BEGIN + 60 * DAY
    assert told(service) == {
        **{"expiry_timestamp_seconds": BEGIN + 90 * DAY, "lifetime_seconds": 90 * DAY},
        **{"last_success_timestamp_seconds": BEGIN, "last_attempt_failed": 0},
    }
    assert "ml.example.org: certificate " in capsys.readouterr().out


def test_the_file_is_for_its_owner_and_haproxy_and_has_no_empty_line(make, settings):
    make().step()
    file = settings().certificate
    assert file.stat().st_mode & 0o777 == 0o640
    text = file.read_text()
    assert text.index("PRIVATE KEY") < text.index("CERTIFICATE")
    assert "\n\n" not in text


@pytest.mark.parametrize(
    ("life", "early"), [(90 * DAY, 30 * DAY), (6 * DAY, 2 * DAY), (60.0, 20.0), (365 * DAY, 30 * DAY)]
)
def test_it_is_renewed_before_its_end(make, server, clock, life, early):
    server.life = life
    service = make()
    service.step()
    clock.time = BEGIN + life - early - 1
    service.step()
    assert server.asked == 1
    before = service.state.certificate.serial
    clock.time += 1
    service.step()
    assert server.asked == 2
    assert service.state.certificate.serial != before


def test_another_task_keeps_what_is_there(make, server, settings, clock):
    make().step()
    settings().ready.unlink()
    clock.time += DAY
    again = make()
    again.step()
    assert (server.asked, settings().ready.exists()) == (1, True)
    assert again.due == BEGIN + 60 * DAY


@pytest.mark.parametrize(
    "change",
    [{"hosts": ("ml.example.org", "api.example.org")}, {"server": "https://other.example.org/dir"}],
)
def test_other_names_and_another_server_need_another_certificate(make, server, settings, change):
    make().step()
    service = make(**change)
    assert not settings().ready.exists()
    assert settings().certificate.exists()
    server.names = change.get("hosts", server.names)
    service.step()
    assert (server.asked, settings().ready.exists()) == (2, True)


def test_a_failure_leaves_the_old_one_and_is_tried_again_ever_later(make, server, settings, clock, capsys):
    service = make()
    service.step()
    kept = settings().certificate.read_bytes()
    server.failure = Failure("no route to host")
    clock.time = service.due
    waits = []
    for _ in range(4):
        service.step()
        waits.append(service.due - clock.time)
        clock.time = service.due
    assert waits == [15, 120, 1200, 1200]
    assert settings().certificate.read_bytes() == kept
    assert settings().ready.exists()
    assert told(service)["last_attempt_failed"] == 1
    assert "failed: no route to host; next attempt at " in capsys.readouterr().out
    server.failure = None
    service.step()
    assert told(service)["last_attempt_failed"] == 0
    assert service.due > clock.time + 59 * DAY


def test_an_unexpected_error_does_not_end_the_task(make, server, capsys):
    server.failure = OSError("disk full")
    service = make()
    service.step()
    assert told(service) == {"last_attempt_failed": 1}
    assert "OSError('disk full')" in capsys.readouterr().out


def test_a_certificate_for_other_names_is_not_served(make, server, settings):
    server.names = ("other.example.org",)
    service = make()
    service.step()
    assert not settings().certificate.exists()
    assert service.state.failed


def test_a_file_without_a_certificate_counts_as_none(make, settings, server):
    settings().certificate.write_text("half a file")
    assert read_certificate(settings().certificate) is None
    make().step()
    assert server.asked == 1


def test_it_looks_at_the_clock_while_it_waits(make, clock):
    service = make()
    assert service.pause() == 0
    service.step()
    assert service.pause() == 30
    clock.time = service.due - 3
    assert service.pause() == 3
