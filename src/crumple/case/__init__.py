"""The case: one vehicle on many photos, as one list of damages and of panels.

    inspection.py   what an inspection says: the values and their JSON Schema
    pipeline.py     photos -> inspection: the whole way
    drawn.py        damages that people drew, in place of the model's findings
    alignment.py    one photo laid onto another, round a damage
    joining.py      findings of many photos -> physical damages
    coverage.py     which panels the photos show
    verdicts.py     how probable a damage is, and which panels are damaged
    describing.py   the same in words

Plain functions on assessments and pixels: no HTTP, no database, no page. Nothing here needs TensorFlow.
"""
