using System.CommandLine;
using System.Text;
using Tieline.Server.Configuration;

namespace Tieline.Cli.Commands;

/// <summary><c>tieline config</c>: what holds, from file, environment and flags together. <c>--reference</c> prints the option reference of the docs.</summary>
internal static class ConfigCommand
{
    public static Command Create()
    {
        var command = new Command("config", "Print the effective configuration, without secrets.");
        var reference = new Option<bool>("--reference") { Description = "Print the reference of all settings as Markdown." };
        command.Options.Add(reference);
        var settings = SettingOptions.AddTo(command);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(reference))
            {
                Console.Write(Reference());
                return ExitCodes.Done;
            }

            try
            {
                var options = settings.Load(parsed);
                foreach (var setting in Settings.All) Console.WriteLine($"{setting.Name} = {Shown(setting, options)}");
                return ExitCodes.Done;
            }
            catch (ConfigurationException e)
            {
                return ExitCodes.CannotRun(e.Problems);
            }
        });
        return command;
    }

    internal static string Reference()
    {
        var defaults = new TielineOptions();
        var text = new StringBuilder();
        text.Append("# Settings\n\nMade by `tieline config --reference`; do not edit by hand. Each setting has one name: as a key in `tieline.json`, ");
        text.Append("as a variable `TIELINE_<NAME>`, as a flag `--<name-with-dashes>`. A flag wins over a variable, a variable over the file. ");
        text.Append("Secrets have no flag: everybody on the machine could read it.\n\n| name | default | allowed | what it does |\n|---|---|---|---|\n");
        foreach (var setting in Settings.All)
            text.Append($"| `{setting.Name}` | {(setting.Show(defaults) is { Length: > 0 } value ? $"`{value}`" : "")} | {setting.Allowed} | {setting.Description} |\n");
        return text.ToString();
    }

    private static string Shown(Setting setting, TielineOptions options) =>
        setting.Show(options) is not { Length: > 0 } value ? "(not set)" : setting.Secret ? "(set, not shown)" : value;
}
