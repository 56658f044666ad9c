import pytest

from acme.lego import Failure, Lego
from acme.settings import read_settings


def program(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_the_program_in_the_image_knows_the_options(settings):
    # Port 1 answers nobody, so this fails after lego has read its command line.
    lego = Lego(settings(server="https://127.0.0.1:1/directory"))
    with pytest.raises(Failure, match="connection refused"):
        lego.obtain()


def test_each_name_is_asked_for(settings):
    command = Lego(settings(hosts=("a.example.org", "b.example.org"))).command()
    assert command[-5:] == ["--domains", "a.example.org", "--domains", "b.example.org", "run"]


def test_key_and_chain_are_read_from_its_folder(settings, tmp_path):
    folder = tmp_path / "lego" / "certificates"
    folder.mkdir(parents=True)
    (folder / "ml.example.org.key").write_text("key")
    (folder / "ml.example.org.crt").write_text("chain")
    lego = Lego(settings(), program(tmp_path / "lego.sh", "exit 0"))
    assert lego.obtain() == (b"key", b"chain")
    # lego refuses to begin without this folder.
    assert (tmp_path / "challenge").is_dir()


def test_a_failure_tells_its_last_lines(settings, tmp_path):
    lego = Lego(settings(), program(tmp_path / "lego.sh", "seq 5; echo denied >&2; exit 1"))
    with pytest.raises(Failure, match=r"^4 \| 5 \| denied$"):
        lego.obtain()


def test_settings_are_variables(tmp_path):
    env = {
        **{"ACME_EMAIL": "ops@example.org", "ACME_HOSTS": "a.example.org,b.example.org", "PORT": "8000"},
        **{"ACME_SERVER": "https://x/dir", "CERTIFICATES_FOLDER": str(tmp_path), "READY_FILE": "/tmp/ready"},
    }
    settings = read_settings(env)
    assert settings.hosts == ("a.example.org", "b.example.org")
    assert settings.certificate == tmp_path / "certificate.pem"
    with pytest.raises(KeyError, match="ACME_EMAIL"):
        read_settings({})
