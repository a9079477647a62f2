// Tieline under PM2, for those who run their backends with it: pm2 start ecosystem.config.js && pm2 save
// Restarting is harmless: every line is sent away with "come back", and clients take up where they were.
module.exports = {
  apps: [
    {
      name: 'tieline',
      script: '/usr/local/bin/tieline',
      args: 'serve --listen http://127.0.0.1:8000 --data /var/lib/tieline',
      // A program of its own, no script for Node; and one process only: a second one would be refused the data folder.
      interpreter: 'none',
      exec_mode: 'fork',
      instances: 1,
      // PM2 asks by SIGINT and kills after this many ms. Its default of 1600 is shorter than a stop may take (drain_s, 8 s).
      kill_timeout: 12000,
      exp_backoff_restart_delay: 100,
      watch: false,
      // Settings by variable, one for each of `tieline config --reference`.
      env: {},
    },
  ],
};
