"""What an operator sees of a stage, and does to it: figures, alarms, dead letters, keys, settings.

Two functions have the permissions, and the API none of them: `observe_stage` reads figures, and `operate_stage` looks
into dead-letter queues, has what is in them tried again, and begins rotations. Routes and the commands of `tools`
invoke these (`invocations`).
"""
