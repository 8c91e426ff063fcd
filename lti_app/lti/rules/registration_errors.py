"""Why an LMS was not linked, in French, for its administrator. Each code is stable."""

from lti_app.core.errors import Explanation

_AGAIN = (
    "Votre lien d’invitation reste valable : recommencez depuis votre plateforme,"
    " à l’endroit où vous l’aviez collé."
)
_NEW_LINK = "Demandez un nouveau lien à l’administrateur de Relais."
_BY_HAND = (
    "Si cela se répète, l’administrateur de Relais peut relier la plateforme à la main :"
    " donnez-lui le code ci-dessous."
)


class RegistrationError(Exception):
    """The LMS cannot be linked: `explanation` for the screen, `detail` for the log."""

    def __init__(self, explanation: Explanation, detail: str = "") -> None:
        super().__init__(f"{explanation.code}: {detail}" if detail else explanation.code)
        self.explanation = explanation
        self.detail = detail


UNKNOWN_INVITATION = Explanation(
    "INSCRIPTION-INVITATION",
    "Ce lien d’invitation n’est pas reconnu",
    "Relais ne connaît pas ce lien : il est incomplet, ou il a été annulé.",
    ("Copiez le lien en entier, sans espace ni retour à la ligne.", _NEW_LINK),
)
USED_INVITATION = Explanation(
    "INSCRIPTION-SERVIE",
    "Ce lien d’invitation a déjà servi",
    "Chaque lien ne relie une plateforme qu’une fois. La plateforme est donc sans doute déjà"
    " reliée.",
    ("Regardez si l’outil Relais figure déjà parmi les outils de votre plateforme.", _NEW_LINK),
)
EXPIRED_INVITATION = Explanation(
    "INSCRIPTION-EXPIREE",
    "Ce lien d’invitation n’est plus valable",
    "Sa date limite est passée. Rien n’a été modifié, ni dans Relais ni dans votre plateforme.",
    (_NEW_LINK,),
)
BUSY_INVITATION = Explanation(
    "INSCRIPTION-EN-COURS",
    "Une inscription est déjà en cours avec ce lien",
    "Une autre fenêtre, ou un second clic, a commencé l’inscription avec ce même lien.",
    (
        "Regardez d’abord le résultat dans l’autre fenêtre.",
        "Sinon, attendez trois minutes puis recommencez depuis votre plateforme.",
    ),
)
WITHOUT_PLATFORM = Explanation(
    "INSCRIPTION-LIEN",
    "Ce lien se colle dans votre plateforme",
    "Ouvert seul, il ne peut rien faire : c’est votre plateforme (Moodle, M@gistère…) qui doit"
    " l’ouvrir, pour dire à Relais qui elle est.",
    (
        (
            "Dans Moodle, en tant qu’administrateur du site : « Administration du site »,"
            " « Plugins », « Outil externe », « Gérer les outils »."
        ),
        (
            "Collez le lien dans le champ « URL de l’outil », puis choisissez"
            " « Ajouter LTI Advantage »."
        ),
    ),
)
ADDRESS = Explanation(
    "INSCRIPTION-ADRESSE",
    "L’adresse donnée par la plateforme ne convient pas",
    "La plateforme annonce sa configuration à une adresse que Relais n’a pas le droit d’ouvrir :"
    " il faut une adresse publique, en https, sans redirection.",
    ("Vérifiez l’adresse publique de votre plateforme (dans Moodle : wwwroot).", _AGAIN, _BY_HAND),
)
OTHER_ISSUER = Explanation(
    "INSCRIPTION-EMETTEUR",
    "Ce lien a été préparé pour une autre plateforme",
    "L’invitation nomme une plateforme précise, et ce n’est pas celle qui l’utilise.",
    ("Utilisez le lien dans la plateforme pour laquelle il a été demandé.", _NEW_LINK),
)
OTHER_HOST = Explanation(
    "INSCRIPTION-HOTE",
    "La plateforme donne des adresses d’un autre site",
    "Toutes les adresses d’une inscription automatique doivent être sur le même site que la"
    " plateforme : sinon, n’importe qui pourrait se faire passer pour elle.",
    (
        "Vérifiez l’adresse publique de votre plateforme (dans Moodle : wwwroot).",
        (
            "Si votre plateforme répartit vraiment ses services sur plusieurs sites, demandez à"
            " l’administrateur de Relais de la relier à la main."
        ),
    ),
)
UNREACHABLE = Explanation(
    "INSCRIPTION-INJOIGNABLE",
    "Relais n’a pas pu joindre votre plateforme",
    "La plateforme n’a pas répondu à Relais, ou pas assez vite.",
    (
        (
            "Vérifiez que la plateforme est ouverte sur l’internet, avec un certificat valable :"
            " c’est le serveur de Relais qui l’appelle, pas votre navigateur."
        ),
        _AGAIN,
        _BY_HAND,
    ),
)
CONFIGURATION = Explanation(
    "INSCRIPTION-CONFIGURATION",
    "La configuration de la plateforme n’est pas lisible",
    "À l’adresse que la plateforme a donnée, Relais n’a pas trouvé une configuration LTI complète.",
    (
        "Il faut une plateforme qui sache l’inscription automatique LTI 1.3 (Moodle 4 la sait).",
        _AGAIN,
        _BY_HAND,
    ),
)
CHANGED = Explanation(
    "INSCRIPTION-CHANGEMENT",
    "Cette plateforme est déjà reliée, avec d’autres adresses",
    "Un lien d’invitation ouvert à tous ne suffit pas pour changer les adresses d’une plateforme"
    " déjà reliée. Rien n’a été modifié.",
    (
        (
            "Demandez à l’administrateur de Relais un lien préparé pour votre plateforme"
            " (il y inscrira son adresse)."
        ),
    ),
)
TOKEN = Explanation(
    "INSCRIPTION-JETON",
    "La plateforme n’accepte plus cette demande d’inscription",
    "Le jeton que la plateforme a remis à Relais a déjà servi, a expiré, ou n’est pas arrivé"
    " entier.",
    (
        (
            "Ne rechargez pas cette page : fermez-la, puis collez de nouveau le lien d’invitation"
            " dans la plateforme, qui donnera un jeton neuf. Votre lien d’invitation reste valable."
        ),
        (
            "Si la plateforme montre déjà un outil Relais inactif, supprimez-le ou choisissez"
            " « Mettre à jour »."
        ),
    ),
)
REFUSED = Explanation(
    "INSCRIPTION-REFUS",
    "La plateforme a refusé l’inscription",
    "Elle a répondu à Relais qu’elle n’inscrivait pas cet outil.",
    (_AGAIN, _BY_HAND),
)
ANSWER = Explanation(
    "INSCRIPTION-REPONSE",
    "La réponse de la plateforme n’est pas lisible",
    "La plateforme a peut-être créé l’outil de son côté, mais Relais n’a pas compris sous quel"
    " identifiant.",
    (
        (
            "Si elle montre un outil Relais inactif, supprimez-le ou choisissez « Mettre à jour »"
            " quand elle le proposera."
        ),
        _AGAIN,
        _BY_HAND,
    ),
)
NOT_OURS = Explanation(
    "INSCRIPTION-PAGE",
    "Cette inscription n’est pas partie de la page de Relais",
    "Le bouton d’inscription doit être cliqué sur la page que Relais affiche, et dans l’heure.",
    (_AGAIN,),
)
CONFLICT = Explanation(
    "INSCRIPTION-CONFLIT",
    "Deux inscriptions se sont croisées",
    "Une autre inscription a été enregistrée au même instant ; celle-ci n’a pas pu l’être.",
    (_AGAIN,),
)


def platform_said(explanation: Explanation, words: str) -> Explanation:
    """The same explanation, with the short error code the platform gave."""
    if not words:
        return explanation
    return Explanation(
        explanation.code,
        explanation.title,
        f"{explanation.message} Elle a dit : « {words} ».",
        explanation.advice,
    )
