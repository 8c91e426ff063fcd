"""Given and family names for invented people: frequent in France, with what breaks lists.

Accents, particles, compounds, apostrophes and namesakes, so that sorting and searching are seen.
"""

from random import Random

_GIVEN = (
    "Adèle", "Agathe", "Aïcha", "Alain", "Alexandre", "Amélie", "Amine", "Anaïs", "André", "Anne",
    "Anne-Sophie", "Antoine", "Arnaud", "Aurélie", "Baptiste", "Bénédicte", "Benoît", "Bruno",
    "Camille", "Cécile", "Céline", "Chloé", "Christelle", "Christophe", "Claire", "Clément",
    "Corinne", "Cyril", "Damien", "David", "Delphine", "Denis", "Élodie", "Éloïse", "Émilie",
    "Éric", "Estelle", "Fabien", "Fatima", "Florence", "Franck", "François", "Frédéric", "Gaëlle",
    "Guillaume", "Hélène", "Hervé", "Inès", "Isabelle", "Jean-Baptiste", "Jean-Marc", "Jérôme",
    "Joël", "Julien", "Juliette", "Karim", "Laetitia", "Laurent", "Léa", "Loïc", "Lucie", "Maël",
    "Manon", "Marie-Hélène", "Marion", "Mathilde", "Maxime", "Mehdi", "Mélanie", "Mickaël",
    "Nadia", "Nathalie", "Nicolas", "Noémie", "Océane", "Olivier", "Pascal", "Patricia", "Philippe",
    "Quentin", "Rachid", "Raphaël", "Rémi", "Romain", "Sabrina", "Samira", "Sandrine", "Sébastien",
    "Sophie", "Stéphane", "Sylvie", "Thi Mai", "Thibault", "Valérie", "Véronique", "Vincent",
    "Virginie", "Yann", "Yves", "Zoé",
)  # fmt: skip
_FAMILY = (
    "Allard", "André", "Aubert", "Barbier", "Baron", "Benali", "Ben Saïd", "Bernard", "Bertrand",
    "Blanchard", "Bœuf", "Bonnet", "Bouchet", "Boulanger", "Bourgeois", "Boyer", "Brun",
    "Carpentier", "Charpentier", "Chevalier", "Colin", "Collet", "Cordier", "Da Silva", "d’Almeida",
    "David", "Delattre", "de La Fontaine", "Denis", "Deschamps", "Diallo", "Dufour", "Dumas",
    "Dupont", "Dupuis", "Durand", "Étienne", "Fabre", "Faure", "Fernandez", "Fleury", "Fontaine",
    "Fournier", "Gaillard", "Garcia", "Gautier", "Gérard", "Girard", "Guérin", "Guillot", "Haddad",
    "Hamel", "Henry", "Huet", "Jacquet", "Jean", "Joly", "Lacroix", "Lambert", "Langlois",
    "Le Bihan", "Le Goff", "Le Roux", "Leclercq", "Lefèvre", "Legrand", "Lemaire", "Lemoine",
    "Leroy", "L’Hostis", "Louis", "Maillard", "Marchand", "Martin", "Martinez", "Masson", "Menard",
    "Mercier", "Meunier", "Michel", "Moreau", "Morel", "Morin", "Moulin", "Nguyen", "Noël",
    "Olivier", "Paris", "Pelletier", "Perret", "Perrin", "Petit", "Philippe", "Picard", "Poirier",
    "Prévost", "Renard", "Renaud", "Rey", "Richard", "Robin", "Rolland", "Rousseau", "Roux",
    "Saint-Pierre", "Schmitt", "Simon", "Thomas", "Traoré", "Vasseur", "Vidal", "Weber",
    "Zimmermann",
)  # fmt: skip


def draw_name(random: Random) -> tuple[str, str]:
    """(given, family); one family in fifteen is a double one."""
    family = random.choice(_FAMILY)
    if random.random() < 1 / 15:
        family = f"{family}-{random.choice(_FAMILY)}"
    return random.choice(_GIVEN), family
