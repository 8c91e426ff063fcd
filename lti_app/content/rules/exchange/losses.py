"""What each format cannot keep: told on the screen, in the files and in docs/echanges.md."""

from dataclasses import dataclass
from enum import StrEnum

from lti_app.content.rules.problems import with_french_spaces


class Format(StrEnum):
    """What a module may be exported to; the values are those of the command line."""

    MOODLE_XML = "moodle-xml"
    GIFT = "gift"
    CSV = "csv"
    PDF = "pdf"
    APKG = "apkg"
    H5P = "h5p"


FORMAT_NAMES = {
    Format.MOODLE_XML: "Moodle XML",
    Format.GIFT: "GIFT",
    Format.CSV: "CSV",
    Format.PDF: "PDF avec corrigé",
    Format.APKG: "Anki",
    Format.H5P: "H5P (Question Set)",
}
SUFFIXES = {
    Format.MOODLE_XML: ".xml",
    Format.GIFT: ".gift.txt",
    Format.CSV: ".csv",
    Format.PDF: ".pdf",
    Format.APKG: ".apkg",
    Format.H5P: ".h5p",
}


@dataclass(frozen=True, slots=True)
class Loss:
    """`subject` of a question, and what becomes of it."""

    subject: str
    outcome: str

    def __str__(self) -> str:
        return with_french_spaces(f"{self.subject} : {self.outcome}")


_TEXTS = Loss(
    "Appels de source, mots du glossaire, figures",
    "l’appel devient du texte, avec la référence complète à la fin ; le mot perd son lien ; "
    "la figure est remplacée par son nom",
)
_MEMORY = Loss(
    "Révisions, répétition espacée, réussite à 80\u202f%", "propres à Relais, non exportées"
)

LOSSES: dict[Format, tuple[Loss, ...]] = {
    Format.MOODLE_XML: (
        _TEXTS,
        Loss(
            "Retours des éléments à ordonner et des paires",
            "Moodle n’en a pas : placés dans le feedback général, sous l’explication",
        ),
        Loss("Partie droite des paires, intrus", "texte simple, sans mise en forme"),
        Loss(
            "Réponses courtes",
            "Moodle compare les accents : chaque réponse est donnée avec et sans ; "
            "les articles du début ne sont pas ignorés",
        ),
        Loss("Remise en ordre", "il faut Moodle 4.4 ou plus récent (ou le plugin « ordering »)"),
        Loss(
            "Famille, situation, sources, idées fausses",
            "gardées comme mots-clés (tags) de la question",
        ),
        _MEMORY,
    ),
    Format.GIFT: (
        _TEXTS,
        Loss(
            "Remise en ordre",
            "le GIFT d’origine n’en a pas : écrite dans la forme que comprend Moodle 4.4 ou plus "
            "récent ; les autres outils refuseront ces questions",
        ),
        Loss(
            "Retours des éléments à ordonner et des paires",
            "placés dans le feedback général, sous l’explication",
        ),
        Loss("Partie droite des paires, intrus", "texte simple, sans mise en forme"),
        Loss(
            "Réponses courtes",
            "comparées avec leurs accents : chaque réponse est donnée avec et sans ; une réponse "
            "qui contient « -> » ne peut pas être écrite : la question est laissée de côté",
        ),
        Loss(
            "Identifiant, famille, situation, sources",
            "gardés dans un commentaire que les Moodle récents savent lire",
        ),
        _MEMORY,
    ),
    Format.CSV: (
        Loss("Mise en forme", "texte simple : gras, listes, tableaux et espaces insécables perdus"),
        Loss("Cellules qui commencent par = + - @", "précédées d’une apostrophe, par sécurité"),
        Loss("Retour au format Relais", "impossible : ce fichier sert à relire et à trier"),
    ),
    Format.PDF: (
        Loss("Retour au format Relais", "impossible : ce fichier sert à imprimer"),
        Loss(
            "Retours de chaque option",
            "absents : le corrigé donne la bonne réponse et l’explication",
        ),
    ),
    Format.APKG: (
        _TEXTS,
        Loss("Réponse", "Anki ne corrige pas : la personne compare sa réponse au verso"),
        Loss("Ordre des options", "toujours le même, sauf pour les éléments à ordonner et les "
             "paires, présentés par ordre alphabétique"),
        Loss("Répétition espacée", "celle d’Anki ; rien n’est échangé avec Relais"),
        Loss("Retour au format Relais", "impossible"),
    ),
    Format.H5P: (
        _TEXTS,
        Loss("Remise en ordre", "Question Set n’en a pas : questions laissées de côté"),
        Loss(
            "Paires",
            "en « texte à glisser » (Drag the Words), sans mise en forme ; leurs retours sont "
            "réunis sous l’explication ; « : » et « * » y deviennent « ∶ » et « ∗ », "
            "que H5P ne prend pas pour des commandes",
        ),
        Loss(
            "Réponses courtes",
            "en « texte à trous » (Fill in the Blanks) : un seul retour, comparaison sans "
            "majuscules mais avec accents ; les réponses qui contiennent / : ou * sont retirées",
        ),
        Loss("Mise en forme", "explications et retours de vrai ou faux en texte simple"),
        Loss(
            "Bibliothèques H5P",
            "absentes du fichier : Moodle, Éléa ou Lumi doivent déjà avoir Question Set 1.20, "
            "Multiple Choice 1.16, True/False 1.8, Fill in the Blanks 1.14, Drag the Words 1.10",
        ),
        Loss("Famille, situation, idées fausses", "non exportées"),
        Loss("Retour au format Relais", "impossible"),
    ),
}  # fmt: skip

READING_LOSSES: tuple[Loss, ...] = (
    Loss(
        "Types de question",
        "composition, numérique, calculée, cloze, glisser-déposer, texte à choix, description : "
        "laissés de côté, chacun avec son nom",
    ),
    Loss(
        "Images, sons, vidéos, fichiers joints",
        "retirés ; d’une image, le texte alternatif reste, entre crochets",
    ),
    Loss(
        "Indices, exposants, soulignement, couleurs, titres",
        "le texte est gardé, la mise en forme non",
    ),
    Loss(
        "Notes partielles",
        "une réponse est juste ou fausse ; à choix unique, seule vaut celle à 100\u202f%",
    ),
    Loss(
        "Indices successifs, feedbacks « correct » et « incorrect »",
        "retirés : Relais répond option par option",
    ),
    Loss("Jokers des réponses courtes (*)", "retirés, sauf le dernier, qui répond à tout le reste"),
    Loss("Retours, explication ou source absents", "« [À COMPLÉTER] », que « check » refuse"),
)
"""What imports lose, Moodle XML and GIFT alike."""


def comment_lines(target: Format) -> list[str]:
    """The losses, as lines for the head of a file or for the screen."""
    name = FORMAT_NAMES[target]
    return [
        with_french_spaces(f"Exporté de Relais en {name}. Ce que ce format ne garde pas :"),
        *(f"- {loss}" for loss in LOSSES[target]),
    ]


def table(losses: tuple[Loss, ...]) -> str:
    """A Markdown table, for the documentation."""
    rows = [
        f"| {with_french_spaces(loss.subject)} | {with_french_spaces(loss.outcome)} |"
        for loss in losses
    ]
    return "\n".join(["| De la question | Ce qu’il en advient |", "| --- | --- |", *rows])
