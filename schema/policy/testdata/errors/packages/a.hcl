policy {
  name = "p"
  require_signature = [
    "RWRpNl/uvq2O8MQTJ5baqRiE9U8xXI0qZsJIJ7DICQLhFXnKZKNtwc9q",
    "RWRpNl/uvq2O8MQTJ5baqRiE9U8xXI0qZsJIJ7DICQLhFXnKZKNtwc9q",
    "RURpNl/uvq2O8MQTJ5baqRiE9U8xXI0qZsJIJ7DICQLhFXnKZKNtwc9q",
    "RWRpNl/uvq2O8MQTJ5baqRiE9U8xXI0qZsJIJ7DICQLhFXnKZKNtwc",
    RWRpNl, env("KEY"),
    "hunter2hunter2hunter2hunter2hunter2hunter2hunter2hunter2hunter2hunter2",
  ]
}
retention {
  keep_last   = 0
  keep_daily  = 1.5
  keep_weekly = "7"
  keep_yearly = -1
  keep_within = "3h2d"
  keep_forever = 1
}
retention { keep_within = "0d" }
