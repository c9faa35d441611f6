"""The library of workers, and the workers of public libraries.

    from gdr.workers import worker           # worker.serve(DECLARATION, evaluate): a worker in a process of its own
    from gdr.workers import session          # session.steps(answer): one that takes the steps of sessions
    gdr conform 'python -m gdr.workers.numpy_worker'

In the repository they are the files of Fixtures/workers; the wheel gathers them here.
"""
