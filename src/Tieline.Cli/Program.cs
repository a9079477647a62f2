using System.CommandLine;
using Tieline.Cli;
using Tieline.Cli.Commands;

var root = new RootCommand("Direct messages for your own app, that always open and are never lost.");
root.Subcommands.Add(ServeCommand.Create());
root.Subcommands.Add(ConfigCommand.Create());
root.Subcommands.Add(UserCommand.Create());
root.Subcommands.Add(TokenCommand.Create());
root.Subcommands.Add(BackupCommands.CreateBackup());
root.Subcommands.Add(BackupCommands.CreateRestore());
root.Subcommands.Add(MigrateCommand.Create());
root.Subcommands.Add(ProxyCommand.Create());
root.Subcommands.Add(ChatCommand.Create());
root.Subcommands.Add(DoctorCommand.Create());
root.Subcommands.Add(VerifyCommand.Create());

// A stopping server has its own limit, drain_s (at most 60 s); the 2 s that are given by default would cut it short.
var parsed = root.Parse(args);
var exit = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(70) });
// A mistyped flag is no result: a script must not take it for the doctor's "found something".
return exit == ExitCodes.Failed && parsed.Errors.Count > 0 ? ExitCodes.Misused : exit;
