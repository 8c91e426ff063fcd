"""Questions out of Relais and back: Moodle XML, GIFT, CSV, Anki, H5P.

    QuestionSource → preparing → BankQuestion → a writer (moodle_xml_, gift_, anki, h5p, table)
    a reader (moodle_xml_, gift_) → BankQuestion → merging → yaml_editing

Pure: sources in, texts or bytes out. What each format cannot keep is said in `losses`.
"""
