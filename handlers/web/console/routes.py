"""All pages of the console, by address."""

from __future__ import annotations

from starlette.routing import Route

from bot.vault import Vault
from handlers.web.console.door import Door
from handlers.web.console.dossiers import DossierPages
from handlers.web.console.hall import HallPages
from handlers.web.console.pages import Pages
from handlers.web.site import Site


def console_routes(site: Site, vault: Vault | None) -> list[Route]:
    """`vault` keeps the files of dossiers; without one none are taken or shown."""
    door = Door(site)
    pages = Pages(site, door)
    return [*door.routes(), *HallPages(pages).routes(), *DossierPages(pages, site, vault).routes()]
