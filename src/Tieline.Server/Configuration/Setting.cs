using System.Globalization;

namespace Tieline.Server.Configuration;

/// <summary>One setting: its flat name, what it may hold, what it does, and how it is read and shown.</summary>
/// <param name="Name">As in <c>tieline.json</c>. The variable is <c>TIELINE_</c> and the name in capitals, the flag <c>--</c> and the name with dashes.</param>
/// <param name="Allowed">What it may hold, in words.</param>
/// <param name="Secret">True: never printed.</param>
public sealed record Setting(string Name, string Allowed, string Description, bool Secret, Func<TielineOptions, string?> Show, Func<TielineOptions, string, SettingRead> Read)
{
    public string Variable => "TIELINE_" + Name.ToUpperInvariant();

    public string Flag => "--" + Name.Replace('_', '-');

    internal static Setting Text(string name, string description, Func<TielineOptions, string?> show, Func<TielineOptions, string, TielineOptions> set,
        string allowed = "text", Func<string, string?>? check = null, bool secret = false) =>
        new(name, allowed, description, secret, show, (options, value) => check?.Invoke(value) is { } wrong ? SettingRead.Wrong(wrong) : new SettingRead(set(options, value), null));

    internal static Setting Number(string name, int min, int max, string unit, string description, Func<TielineOptions, int> show, Func<TielineOptions, int, TielineOptions> set) =>
        new(name, $"{min} to {max} {unit}".TrimEnd(), description, false, options => show(options).ToString(CultureInfo.InvariantCulture), (options, value) =>
            int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
                ? new SettingRead(set(options, number), null)
                : SettingRead.Wrong($"must be a whole number from {min} to {max}"));

    internal static Setting OneOf<T>(string name, string description, Func<TielineOptions, T> show, Func<TielineOptions, T, TielineOptions> set) where T : struct, Enum
    {
        var names = Enum.GetNames<T>().Select(value => value.ToLowerInvariant()).ToArray();
        return new(name, string.Join(" or ", names), description, false, options => show(options).ToString().ToLowerInvariant(), (options, value) =>
            names.Contains(value, StringComparer.Ordinal) && Enum.TryParse<T>(value, ignoreCase: true, out var parsed)
                ? new SettingRead(set(options, parsed), null)
                : SettingRead.Wrong($"must be {string.Join(" or ", names)}"));
    }

    internal static Setting Switch(string name, string description, Func<TielineOptions, bool> show, Func<TielineOptions, bool, TielineOptions> set) =>
        new(name, "true or false", description, false, options => show(options) ? "true" : "false", (options, value) =>
            value is "true" or "false" ? new SettingRead(set(options, value == "true"), null) : SettingRead.Wrong("must be true or false"));
}

/// <summary>The options with one setting applied, or what is wrong with its value.</summary>
public readonly record struct SettingRead(TielineOptions? Options, string? Problem)
{
    public static SettingRead Wrong(string problem) => new(null, problem);
}
