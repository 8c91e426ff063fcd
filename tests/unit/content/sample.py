"""A small folder of modules that has no problem, and ways to spoil it one place at a time."""

from pathlib import Path

REFERENCES = """\
- id: dehaene2018
  authors: Dehaene, S.
  year: 2018
  title: Apprendre
  container: Paris, Odile Jacob
  doi_or_url: ''
  verified: 'yes'
  note: ''
- id: yang2021
  authors: Yang, C., Luo, L., Vadillo, M. A., Yu, R. & Shanks, D. R.
  year: 2021
  title: Testing boosts classroom learning
  container: Psychological Bulletin, 147(4)
  doi_or_url: 10.1037/bul0000309
  verified: 'yes'
  note: Résumé vérifié
"""

MODULE = """\
id: petit
title: Un petit module
summary: Pour les essais.
objectives:
  - Expliquer une chose
  - Repérer une autre chose
  - Proposer une activité
competences: [Domaine]
keywords: [mémoire]
pass_mark: 80
minutes: 10
lessons: [petit-un]
references: [dehaene2018, yang2021]
revision: 1
"""

_WORDS = "mot " * 430

LESSON = f"""\
---
id: petit-un
title: Une leçon
minutes: 10
summary: Une phrase.
revision: 1
---

## Premier titre

{_WORDS}tient en une phrase [@dehaene2018].

## Deuxième titre

{_WORDS}vaut pour 57\u202f% des cas [@dehaene2018; @yang2021].

## Troisième titre

:::exemple Un mardi
Une classe.
:::

| Geste | Effet |
| --- | ---: |
| Relire | faible |

## Quatrième titre

{_WORDS}fini.

:::retenir
- Une idée.
:::

:::essayer
Un geste.
:::
"""

QUESTIONS = """\
- id: petit-q01
  lesson: petit-un
  family: choisir
  kind: single
  situation: true
  stem: Quelle réponse est juste\u202f?
  options:
    - id: a
      text: Une réponse fausse
      feedback: Non.
    - id: b
      text: La bonne
      correct: true
      feedback: Oui [@yang2021].
    - id: c
      text: Une autre fausse
      feedback: Non plus.
  explanation: Parce que.
  sources: [dehaene2018]
  revision: 1
- id: petit-q02
  lesson: petit-un
  family: choisir
  kind: multiple
  stem: Lesquelles sont justes\u202f?
  options:
    - id: a
      text: Celle-ci
      correct: true
      feedback: Oui.
    - id: b
      text: Celle-là
      correct: true
      feedback: Oui.
    - id: c
      text: Pas celle-ci
      feedback: Non.
  explanation: Parce que.
  sources: [dehaene2018]
  revision: 1
- id: petit-q03
  lesson: petit-un
  family: ranger
  kind: ordering
  stem: Remettez dans l’ordre.
  items:
    - {id: a, text: Lire, feedback: D’abord.}
    - {id: b, text: Chercher, feedback: Ensuite.}
    - {id: c, text: Vérifier, feedback: Enfin.}
  explanation: Parce que.
  sources: [conseil]
  revision: 1
- id: petit-q04
  lesson: petit-un
  family: ranger
  kind: matching
  stem: Associez.
  pairs:
    - {id: a, left: Un, right: Premier, feedback: Oui.}
    - {id: b, left: Deux, right: Deuxième, feedback: Oui.}
    - {id: c, left: Trois, right: Troisième, feedback: Oui.}
  distractors: [Dernier]
  explanation: Parce que.
  sources: [conseil]
  revision: 1
- id: petit-q05
  lesson: petit-un
  family: dire
  kind: truefalse
  stem: Relire suffit.
  options:
    - {id: vrai, feedback: Non.}
    - {id: faux, correct: true, feedback: Oui.}
  explanation: Parce que.
  sources: [dehaene2018]
  revision: 1
- id: petit-q06
  lesson: petit-un
  family: dire
  kind: short
  stem: Comment s’appelle ce geste\u202f?
  answers:
    - {text: récupération, feedback: Oui.}
  wrong:
    - {text: relecture, feedback: Non.}
  otherwise: Pensez à chercher.
  explanation: Parce que.
  sources: [dehaene2018]
  revision: 1
"""

FILES = {
    "references.yaml": REFERENCES,
    "petit/module.yaml": MODULE,
    "petit/01-un.md": LESSON,
    "petit/questions.yaml": QUESTIONS,
}


GLOSSARY = """\
- id: recuperation
  term: récupération en mémoire
  definition: Retrouver sans relire [@dehaene2018].
- id: espacement
  term: Espacement
  definition: Plusieurs fois.
  sources: [yang2021]
- id: ecart
  term: écart
  definition: Un mot qui commence par É.
"""

FIGURES = """\
- id: petit-oubli
  caption: Ce qui reste après une semaine
  alt: Une barre courte et une barre longue.
  description: |
    Deux barres\u202f:

    - relire, une barre courte\u202f;
    - chercher, une barre longue, à 57\u202f%.
  sources: [yang2021]
""".replace("\u202f:", "\u00a0:")

SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 240" role="img">
  <title>Deux barres</title>
  <rect width="640" height="240" fill="#ffffff"/>
  <rect x="20" y="40" width="300" height="60" fill="#1b4f8a"/>
  <text x="40" y="75" font-size="18" fill="#ffffff">Chercher</text>
  <text x="40" y="160" font-size="18" fill="#333333">Relire</text>
</svg>
"""

KIT = f"""\
outline:
  title: Atelier
  goal: Repartir avec une question.
  audience: 4 à 12 collègues.
  before: [Une salle., Un minuteur.]
  steps:
    - {{minutes: 10, title: Ouvrir, text: Dites bonjour.}}
    - {{minutes: 20, title: Produire, text: Écrivez une question.}}
    - {{minutes: 10, title: Fermer, text: Dites au revoir.}}
  offline: Sur papier.
  late: Asseyez-vous.
  after: Qu’avez-vous essayé\u202f?
handout:
  title: La fiche
  body: |
    ## Retenir

    {"mot " * 240}tient [@dehaene2018].
message:
  subject: Un atelier
  body: Bonjour à tous.
sources: [yang2021]
"""

SUPPLEMENTS = {
    "petit/glossary.yaml": GLOSSARY,
    "petit/figures.yaml": FIGURES,
    "petit/figures/petit-oubli.svg": SVG,
    "petit/kit.yaml": KIT,
}

_LESSON_WITH_CALLS = """\
fini, par la [[recuperation|recherche
en mémoire]], l’[[espacement]] et l’[[ecart]].

:::figure petit-oubli
:::

:::relire 2026-07-01 2026-09-01
Un texte [@yang2021].
:::
"""


def write_courses(folder: Path) -> Path:
    """The whole sample, in `folder`."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def add_supplements(folder: Path) -> Path:
    """Give the sample all that may go with lessons: it still has no problem."""
    for name, text in SUPPLEMENTS.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    edit(folder, "petit/01-un.md", "fini.", _LESSON_WITH_CALLS)
    edit(folder, "petit/01-un.md", "revision: 1", "objectives: [1, 2, 3]\nrevision: 1")
    edit(
        folder,
        "petit/module.yaml",
        "revision: 1",
        "misconceptions:\n  - {id: petit-i01, belief: Relire suffit.}\n"
        "resources:\n  - {reference: yang2021, use: Une synthèse.}\nrevision: 1",
    )
    edit(
        folder,
        "petit/questions.yaml",
        "  revision: 1",
        "  misconceptions: [petit-i01]\n  checked: 2026-07-01\n  check_by: '2026-09-01'\n"
        "  revision: 1",
    )
    return folder


def edit(folder: Path, name: str, old: str, new: str) -> int:
    """Replace the first `old` of a file (which must be there); its line, from 1."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {name}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text.count("\n", 0, text.index(old)) + 1
