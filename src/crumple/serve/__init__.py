"""An HTTP service round `crumple.assess`: SageMaker's contract, inspections that are kept, webhooks, and a page.

A request comes in at the bottom of this list and is passed up. Each imports only from those above it:

    settings.py  what can be set
    contract/    what goes over the wire: the models of requests and answers, a file for each resource
    review/      what people's edits make of the model's findings: events in, findings out; no database, no HTTP
    store/       what is kept: tables and their migrations, photos, the queues of images and deliveries
    page/        the page, and what the case's report says of an inspection; of the others it knows contract/ alone
    work/        what is done: photos assessed and fetched, images of the queue, live views, webhooks sent
    service.py   all of that as one running service, which the routes share
    http/        what speaks HTTP: routes, bodies, answers, problems, who may ask, the OpenAPI description
    app.py       the ASGI application
    server.py    the process

A new resource gets a file of its name in contract/, store/ and http/routes/, and one in review/ if people edit it.
"""
