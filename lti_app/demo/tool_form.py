"""Moodle's form of an external tool, with its own field names, and what it shows afterwards."""

import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lti_app.demo.activities import RefusedFormError
from lti_app.demo.models import AccessToken, Activity
from lti_app.demo.models_tools import AcceptGrades, GradeService, ToolState, ToolType
from lti_app.demo.platform import Platform
from lti_app.demo.tools import next_type_id, origin_of, resolve, tool_of_client

NEVER, ALWAYS = "0", "1"
"""Moodle's numbers for what is shared."""


@dataclass(frozen=True, slots=True)
class Detail:
    """One value that the administrator copies into the tool."""

    key: str
    label: str
    value: str


def form_values(tool_type: ToolType | None, platform: Platform) -> dict[str, str]:
    """The fields of the form, of a tool or of none."""
    if tool_type is None:
        return {
            "lti_typename": "", "lti_toolurl": "", "lti_description": "", "lti_publickeyset": "",
            "lti_initiatelogin": "", "lti_redirectionuris": "", "lti_customparameters": "",
            "lti_contentitem": "", "lti_toolurl_ContentItemSelectionRequest": "",
            "lti_coursevisible": "1", "ltiservice_gradesynchronization": str(GradeService.NONE),
            "ltiservice_memberships": "0", "lti_sendname": NEVER, "lti_sendemailaddr": NEVER,
            "lti_acceptgrades": str(AcceptGrades.DELEGATE),
        }  # fmt: skip
    tool = resolve(tool_type, platform.settings)
    return {
        "lti_typename": tool.name,
        "lti_toolurl": tool.launch_url,
        "lti_description": tool_type.description,
        "lti_publickeyset": tool.jwks_url,
        "lti_initiatelogin": tool.login_url,
        "lti_redirectionuris": "\n".join(tool.redirect_uris),
        "lti_customparameters": tool_type.custom,
        "lti_contentitem": "1" if tool_type.deep_linking else "",
        "lti_toolurl_ContentItemSelectionRequest": tool_type.deep_linking_url,
        "lti_coursevisible": "2" if tool_type.in_chooser else "1",
        "ltiservice_gradesynchronization": str(tool_type.grade_service),
        "ltiservice_memberships": "1" if tool_type.member_service else "0",
        "lti_sendname": ALWAYS if tool_type.shares_name else NEVER,
        "lti_sendemailaddr": ALWAYS if tool_type.shares_email else NEVER,
        "lti_acceptgrades": str(tool_type.accept_grades),
    }


def save_tool(session: Session, tool_type: ToolType | None, asked: Mapping[str, str]) -> ToolType:
    """Add a tool, ready to serve, or change one. Raises RefusedFormError."""
    _check(asked)
    if tool_type is None:
        letters = string.ascii_letters + string.digits
        tool_type = ToolType(
            id=next_type_id(session),
            client_id="".join(secrets.choice(letters) for _ in range(15)),
        )
        session.add(tool_type)
    level = asked.get("ltiservice_gradesynchronization", "0")
    tool_type.name = asked["lti_typename"].strip()
    tool_type.description = asked.get("lti_description", "")
    tool_type.launch_url = asked["lti_toolurl"].strip()
    tool_type.jwks_url = asked["lti_publickeyset"].strip()
    tool_type.login_url = asked["lti_initiatelogin"].strip()
    tool_type.redirect_uris = "\n".join(asked["lti_redirectionuris"].split())
    tool_type.custom = asked.get("lti_customparameters", "").replace("\r\n", "\n")
    tool_type.deep_linking = bool(asked.get("lti_contentitem"))
    tool_type.deep_linking_url = asked.get("lti_toolurl_ContentItemSelectionRequest", "").strip()
    tool_type.in_chooser = asked.get("lti_coursevisible") == "2"
    tool_type.grade_service = int(level) if level in ("1", "2") else GradeService.NONE
    tool_type.member_service = asked.get("ltiservice_memberships") == "1"
    tool_type.shares_name = asked.get("lti_sendname") == ALWAYS
    accept = asked.get("lti_acceptgrades", "")
    tool_type.accept_grades = int(accept) if accept in ("0", "1") else AcceptGrades.DELEGATE
    tool_type.shares_email = asked.get("lti_sendemailaddr") == ALWAYS
    session.flush()
    return tool_type


def _check(asked: Mapping[str, str]) -> None:
    if not asked.get("lti_typename", "").strip():
        raise RefusedFormError("Nom de l’outil : ce champ est obligatoire.")
    urls = {
        "lti_toolurl": "URL de l’outil",
        "lti_publickeyset": "Jeu de clefs public",
        "lti_initiatelogin": "URL d’initiation de connexion",
    }
    for name, label in urls.items():
        if not origin_of(asked.get(name, "").strip()):
            raise RefusedFormError(f"{label} : une adresse http ou https est attendue.")
    redirects = asked.get("lti_redirectionuris", "").split()
    if not redirects or not all(origin_of(each) for each in redirects):
        raise RefusedFormError("URIs de redirection : des adresses http ou https sont attendues.")
    deep = asked.get("lti_toolurl_ContentItemSelectionRequest", "").strip()
    if deep and not origin_of(deep):
        raise RefusedFormError("URL de sélection de contenu : une adresse est attendue.")


def delete_tool(session: Session, tool_type: ToolType) -> None:
    """Forget a tool: its activities stay, and cannot be launched; its tokens are worth nothing."""
    tool_type.state = ToolState.DELETED
    session.flush()
    if tool_of_client(session, tool_type.client_id) is None:
        session.execute(delete(AccessToken).where(AccessToken.client_id == tool_type.client_id))
    for activity in session.scalars(select(Activity).where(Activity.tool_type_id == tool_type.id)):
        activity.broken = True


def details(platform: Platform, tool_type: ToolType) -> list[Detail]:
    """« Voir les détails de configuration »: what to copy into the tool, in Moodle's order."""
    settings = platform.settings
    return [
        Detail("platform-id", "Identifiant de plateforme", settings.issuer),
        Detail("client-id", "Identifiant de client", tool_type.client_id),
        Detail("deployment-id", "Identifiant de déploiement", tool_type.id),
        Detail("jwks-url", "URL du jeu de clef public", settings.jwks_url),
        Detail("token-url", "URL du jeton d’accès", settings.token_url),
        Detail("auth-url", "URL de requête d’authentification", settings.auth_url),
    ]
