"""What a traced call costs, beside the bare SDK and a span made by hand. Run it with `make bench`.

rows         the table: what is measured, with which telemetry, and what it may cost
targets      how a target follows from the other figures of a run
workloads    what a program does, and the same with telemetry made by hand
prompts      the requests that it sends
floor        that hand-made telemetry: the same attributes and the same metric records as ours
labels       its instruments and the attribute sets of its metrics
messages     its messages, instructions and tools as JSON
ways         how a workload is run: bare, by hand, or watched by us
worker       a process that runs workloads in one way, block by block
measuring    asks the workers in turn, so that what disturbs the machine meets all of them
figures      what the times say
table        the figures of all rows
report       the tables for the terminal, the JSON file for later
agreement    refuses to compare when floor and ours do not emit the same
replies      an API that answers at once, inside the process
telemetry    real providers whose exporters drop everything
"""
