"""Symptoms: error texts, the gates they speak of, and what they prove.

The entries are data (`knowledge/symptoms.yaml`). `model` says what an entry is, `patterns` what
its regular expressions may use, `checks` what must hold of it; `text` makes a text ready to be
searched, `extract` reads what else it names. Only the book is loaded with the knowledge: most
questions come without an error text.
"""

from wayout.engine.symptoms.book import NO_SYMPTOMS, SymptomBook

__all__ = ["NO_SYMPTOMS", "SymptomBook"]
