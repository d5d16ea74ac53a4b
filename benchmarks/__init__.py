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
memory       what a stream holds, and what calls leave behind
startup      what importing and switching on takes
report       the tables for the terminal, the JSON file for later
page         the tables of docs/performance.md
plot         its pictures
agreement    refuses to compare when floor and ours do not emit the same
replies      an API that answers at once, inside the process
telemetry    real providers whose exporters drop everything
instructions counts what the processor executes

`make bench-peers`:
comparison   other instrumentations beside ours, in one run
peers        how each of them is switched on; its versions are in requirements/

`make bench-micro`:
micro        counts the instructions of our functions, with Valgrind where there is one
functions    these functions, each ready to be called

`make bench-collector`:
collector    the Collector under load, and what an outage costs
"""
