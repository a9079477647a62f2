using System.CommandLine;

var root = new RootCommand("Direct messages for your own app, that always open and are never lost.");
return await root.Parse(args).InvokeAsync();
