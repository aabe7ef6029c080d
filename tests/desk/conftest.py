"""A hall with an agent, a clerk, a coordinator, a manager and a supervisor."""

from __future__ import annotations

import pytest

from bot.casework.terms import Role
from bot.render import Renderer
from bot.store import Store
from knowledge.catalogue import Catalogue
from tests.desk.scene import Scene


@pytest.fixture
def scene(catalogue: Catalogue, store: Store, renderer: Renderer) -> Scene:
    scene = Scene(catalogue, store, renderer)
    for role in (Role.AGENT, Role.CLERK, Role.COORDINATOR, Role.MANAGER, Role.SUPERVISOR):
        scene.member(role.value, role)
    scene.told()
    return scene
