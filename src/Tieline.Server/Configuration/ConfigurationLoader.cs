using System.Collections;
using System.Text.Json;

namespace Tieline.Server.Configuration;

/// <summary>Reads the settings from their three places, in rising order: file, environment, flags. All problems are found before any is told.</summary>
public static class ConfigurationLoader
{
    public const string DefaultFile = "tieline.json";

    /// <summary>Variables that belong to the command line and not to the server.</summary>
    private static readonly string[] _otherVariables = ["TIELINE_TOKEN", "TIELINE_CONFIG", "TIELINE_PASSWORD"];

    /// <param name="file">The configuration file; null looks for tieline.json in the working directory and does without.</param>
    /// <exception cref="ConfigurationException">One or more settings are wrong; it lists all of them.</exception>
    public static TielineOptions Load(string? file, IDictionary environment, IEnumerable<KeyValuePair<string, string>> flags)
    {
        var problems = new List<string>();
        var values = new List<(string Source, string Name, string Value)>();
        ReadFile(file, values, problems);
        ReadEnvironment(environment, values, problems);
        foreach (var (name, value) in flags) values.Add(("--" + name.Replace('_', '-'), name, value));

        var options = new TielineOptions();
        foreach (var (source, name, value) in values)
        {
            var setting = Settings.Find(name);
            if (setting is null) problems.Add($"{source}: there is no setting {name}.{Nearest(name)}");
            else if (setting.Read(options, value) is { Problem: { } problem }) problems.Add($"{source}: {name} {problem}{(setting.Secret || MayHoldPassword(value) ? "" : $", not \"{value}\"")}.");
            else options = setting.Read(options, value).Options!;
        }

        if (options.JwtSecret is not null && options.JwtSecretFile is not null) problems.Add("jwt_secret and jwt_secret_file are both set; give one of them.");
        if (options.Accounts == AccountSource.External && options is { JwtSecret: null, JwtSecretFile: null, Jwks: null, Authority: null })
            problems.Add("accounts is external, but no key is given: set jwt_secret_file, jwks or authority.");
        if (options.FilesSecret is not null && options.FilesSecretFile is not null) problems.Add("files_secret and files_secret_file are both set; give one of them.");
        if (options.Files != "folder" && (options.FilesKey is null || options is { FilesSecret: null, FilesSecretFile: null }))
            problems.Add("files is a bucket, but its key is not given: set files_key and files_secret_file.");
        if (options is { Bus: not "none", Store: "sqlite" }) problems.Add("bus is set, but the store is sqlite, which one node has for itself: set store to a postgres:// address, or leave bus out.");
        if (options is { Replicas: not "none", Store: "sqlite" }) problems.Add("replicas is set, but the store is sqlite, which has none: set store to a postgres:// address, or leave replicas out.");
        return problems.Count == 0 ? options : throw new ConfigurationException(problems);
    }

    private static void ReadFile(string? file, List<(string, string, string)> values, List<string> problems)
    {
        var path = file ?? DefaultFile;
        if (!File.Exists(path))
        {
            if (file is not null) problems.Add($"{file}: there is no such file.");
            return;
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                problems.Add($"{path}: must hold one JSON object.");
                return;
            }

            foreach (var field in document.RootElement.EnumerateObject())
            {
                if (field.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False)
                    values.Add((path, field.Name, field.Value.ValueKind == JsonValueKind.String ? field.Value.GetString()! : field.Value.GetRawText()));
                else problems.Add($"{path}: {field.Name} must be a string, a number, true or false.");
            }
        }
        catch (JsonException e)
        {
            problems.Add($"{path}: is not valid JSON, line {e.LineNumber + 1}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add($"{path}: cannot be read: {e.Message}");
        }
    }

    private static void ReadEnvironment(IDictionary environment, List<(string, string, string)> values, List<string> problems)
    {
        foreach (DictionaryEntry variable in environment)
        {
            if (variable.Key is not string name || !name.StartsWith("TIELINE_", StringComparison.Ordinal) || _otherVariables.Contains(name)) continue;
            var setting = Settings.All.FirstOrDefault(setting => setting.Variable == name);
            if (setting is null) problems.Add($"{name}: there is no such setting.{Nearest(name["TIELINE_".Length..].ToLowerInvariant())}");
            else values.Add((name, setting.Name, (string)variable.Value!));
        }
    }

    private static string Nearest(string name)
    {
        var nearest = Settings.All.MinBy(setting => Distance(setting.Name, name))!;
        return Distance(nearest.Name, name) <= Math.Max(2, name.Length / 3) ? $" Did you mean {nearest.Name}?" : " `tieline config` lists all settings.";
    }

    private static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (one[i - 1] == other[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[other.Length];
    }

    /// <summary>An address with a user in it is not shown again, however it is mistyped.</summary>
    private static bool MayHoldPassword(string value) =>
        (value.Contains('@', StringComparison.Ordinal) && value.Contains(':', StringComparison.Ordinal)) || value.Contains("://:", StringComparison.Ordinal);
}

/// <summary>The configuration cannot be used. <see cref="Problems"/> has a sentence for each setting that is wrong.</summary>
public sealed class ConfigurationException(IReadOnlyList<string> problems) : Exception(string.Join('\n', problems))
{
    public IReadOnlyList<string> Problems { get; } = problems;
}
