"""What each kind of device is made of, one module an app of the config.

Each has schema() and check(cfg) for the app's section of the config; make_outputs(board, cfg,
retained), whose result has safe() and works without the rest; and make_app(device, board, cfg,
outputs), which gives tick(), run(check_in), command(name, values), and what neighbours need.
"""
