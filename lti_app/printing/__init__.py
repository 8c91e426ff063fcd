"""Documents made from content, to print, hand out or edit: PDF/UA by typst, DOCX and ODT by pandoc.

A document is written once, as HTML (`templates/printing/`). pandoc reads it as it is; typst gets it
as a tree of data, so that nothing an author writes is ever typst's own language.

    catalog → documents (HTML) → office   DOCX, ODT
                               → paper_tree → pdf
"""
