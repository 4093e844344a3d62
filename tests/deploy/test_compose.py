"""deploy/compose.yaml, read and compared with what it starts. Docker itself is not needed."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest
import yaml

from tests.deploy import image as images
from tests.processes import PROJECT

COMPOSE = PROJECT / "deploy" / "compose.yaml"
WHOLE = yaml.safe_load(COMPOSE.read_text())
SERVICES: dict[str, dict[str, Any]] = WHOLE["services"]
OURS = ["web", "worker", "migrate", "backup"]


def test_everything_that_passport_needs_is_there():
    assert set(SERVICES) == {"postgres", "migrate", "web", "worker", "backup", "nginx"}
    assert [name for name, service in SERVICES.items() if service.get("ports")] == ["nginx"]


@pytest.mark.parametrize("name", SERVICES)
def test_service_is_started_again(name):
    assert SERVICES[name]["restart"] == {"migrate": "on-failure:10", "backup": "no"}.get(name, "always")


def test_health_is_asked_for_where_there_is_something_to_ask():
    disabled = {name for name, service in SERVICES.items() if service.get("healthcheck", {}).get("disable")}

    assert disabled == {"migrate", "worker", "backup"}
    assert SERVICES["web"]["healthcheck"].keys() == {"start_period", "start_interval"}  # the rest is the image's
    for name in ["postgres", "nginx"]:
        assert SERVICES[name]["healthcheck"]["test"]


def test_one_waits_for_the_other():
    waits = {
        (name, other, how["condition"])
        for name, service in SERVICES.items()
        for other, how in service.get("depends_on", {}).items()
    }

    assert waits == {
        ("migrate", "postgres", "service_healthy"),
        ("web", "migrate", "service_completed_successfully"),
        ("worker", "migrate", "service_completed_successfully"),
        ("nginx", "web", "service_healthy"),
    }


@pytest.mark.parametrize("name", OURS)
def test_passport_has_few_rights_and_shares_its_files(name):
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["environment"]["TRUSTED_PROXY"] == "on"
    assert service["environment"]["MEDIA_ROOT"] == images.environment_of_image()["MEDIA_ROOT"]
    assert f"media:{service['environment']['MEDIA_ROOT']}" in service["volumes"]


def test_a_backup_is_made_only_when_asked_for_and_leaves_the_containers():
    backup = SERVICES["backup"]
    (_python, _manage, command, folder) = backup["command"]

    assert backup["profiles"] == ["backup"]  # `up` leaves it out
    assert (command, f"./backups:{folder}") == ("backup", backup["volumes"][1])
    assert subprocess.run(["git", "check-ignore", "--quiet", "deploy/backups/x"], cwd=PROJECT).returncode == 0


def test_the_image_has_the_programs_of_the_servers_version():
    """pg_dump refuses a server that is newer."""
    (server,) = re.findall(r"^postgres:(\d+)$", SERVICES["postgres"]["image"])
    (client,) = re.findall(r"postgresql-client-(\d+)", " ".join(images.instruction("RUN")))

    assert client == server


def test_secrets_are_in_files_that_git_ignores():
    text = COMPOSE.read_text()
    files = {service["env_file"] for service in SERVICES.values() if "env_file" in service}

    assert files == {"passport.env", "postgres.env"}
    assert not re.search(r"(?i)(password|secret|key)\w*\s*[:=]", text)
    for name in [*files, "tls/privkey.pem"]:
        ignored = subprocess.run(["git", "check-ignore", "--quiet", f"deploy/{name}"], cwd=PROJECT)
        assert ignored.returncode == 0, name


def test_nginx_and_passport_meet_at_one_socket():
    site = (PROJECT / "deploy" / "nginx" / "passport.conf").read_text()
    (socket,) = re.findall(r"server unix:(\S+);", site)
    folder = socket.rpartition("/")[0]

    assert f"unix:{socket}" in images.command()
    for name in ["web", "nginx"]:
        assert f"socket:{folder}" in SERVICES[name]["volumes"]


def test_volumes_and_networks_are_declared():
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service["volumes"]}

    assert {name for name in used if not name.startswith(".")} == set(WHOLE["volumes"])
    assert {network for service in SERVICES.values() for network in service["networks"]} == set(WHOLE["networks"])
    assert SERVICES["postgres"]["networks"] == ["database"]
    assert WHOLE["networks"]["database"] == {"internal": True}


def test_image_of_nginx_has_what_the_site_takes():
    folder = PROJECT / "deploy" / "nginx"
    copies = {line for word, line in images.instructions(folder / "Dockerfile") if word == "COPY"}
    (installs,) = [line for word, line in images.instructions(folder / "Dockerfile") if word == "RUN"]

    assert copies == {
        "nginx.conf /etc/nginx/nginx.conf",
        "passport.conf /etc/nginx/conf.d/",
        "body-time.conf /etc/nginx/passport/",
        "pages /etc/nginx/passport/pages",
    }
    assert {"nginx", "libnginx-mod-http-lua", "curl"} <= set(installs.split())
    for log in re.findall(r"(?:access|error)_log (/\S+)", (folder / "passport.conf").read_text()):
        assert f" {log} " in f"{installs} ".replace("&&", " ")
