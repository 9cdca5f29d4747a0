"""The case: one vehicle on many photos, as one list of damages and of panels; what `crumple inspect` runs.

In the order of the flow:

    inspection.py    what an inspection says of a vehicle: the values behind inspection.json
    schema.py        their JSON Schema, docs/case.schema.json
    annotations.py   damages that people drew, read from a COCO file, in place of the model's findings
    observations.py  each finding of each photo, and what is known of the photos: where joining starts
    likeness.py      how far the types and the parts of two findings agree
    matching/        how probably two findings are one damage: alignment, frames, context, weights; then clusters
    joining.py       with these, findings of many photos -> physical damages
    coverage.py      which panels the photos show, and which views are missing
    verdicts.py      how probably a damage is real, and which panels are damaged
    describing.py    the same in words
    adding_up.py     assessments of the photos -> inspection: all of the above, without the network
    pipeline.py      photos -> inspection: the whole way, with the network
    panel_map/       the vehicle's panels as a picture
    report/          what a person reads: the report as a page and as a PDF, and the index of many vehicles
    files.py         an inspection and its reports, written into a folder

Plain functions on assessments and pixels: no HTTP, no database. Nothing here needs TensorFlow.
"""
