using System.CommandLine;
using Tieline.Cli.Commands;

var root = new RootCommand("Direct messages for your own app, that always open and are never lost.");
root.Subcommands.Add(ServeCommand.Create());
root.Subcommands.Add(ConfigCommand.Create());
root.Subcommands.Add(UserCommand.Create());
root.Subcommands.Add(TokenCommand.Create());
root.Subcommands.Add(ProxyCommand.Create());
root.Subcommands.Add(ChatCommand.Create());
root.Subcommands.Add(DoctorCommand.Create());
return await root.Parse(args).InvokeAsync();
