using System.CommandLine;
using Tieline.Server.Configuration;

namespace Tieline.Cli;

/// <summary>One flag for each setting, made from the catalogue.</summary>
internal sealed class SettingOptions
{
    private readonly Option<string?> _file = new("--config") { Description = $"Configuration file; {ConfigurationLoader.DefaultFile} in the working directory is read when it is there." };
    private readonly List<(Setting Setting, Option<string?> Option)> _options = [];

    private SettingOptions()
    {
    }

    public static SettingOptions AddTo(Command command)
    {
        var added = new SettingOptions();
        command.Options.Add(added._file);
        foreach (var setting in Settings.All)
        {
            // A secret on a command line is a secret in everybody's process list.
            if (setting.Secret) continue;
            var option = new Option<string?>(setting.Flag) { Description = setting.Description };
            command.Options.Add(option);
            added._options.Add((setting, option));
        }

        return added;
    }

    /// <exception cref="ConfigurationException">One or more settings are wrong.</exception>
    public TielineOptions Load(ParseResult parsed) => ConfigurationLoader.Load(
        parsed.GetValue(_file) ?? Environment.GetEnvironmentVariable("TIELINE_CONFIG"), Environment.GetEnvironmentVariables(),
        from option in _options
        let value = parsed.GetValue(option.Option)
        where value is not null
        select new KeyValuePair<string, string>(option.Setting.Name, value));
}
