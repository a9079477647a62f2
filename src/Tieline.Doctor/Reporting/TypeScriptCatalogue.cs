using System.Globalization;
using System.Text;
using Tieline.Protocol.Findings;

namespace Tieline.Doctor.Reporting;

/// <summary>The part of the catalogue that the TypeScript client's diagnosis uses, as the module it loads; short, because every page downloads it.</summary>
internal static class TypeScriptCatalogue
{
    public static string Write()
    {
        var text = new StringBuilder("""
            // Made by `tieline doctor --client-catalogue` from src/Tieline.Protocol/Findings; scripts/check --write makes it anew.

            /** What the doctor says of the same fault, by the code of the client's diagnosis. One that can have several causes has no entry. */
            // biome-ignore format: one line each, as the generator writes them
            export const FINDINGS: Readonly<Record<string, string>> = {

            """);
        foreach (var (diagnosis, entry) in ClientFindings.All)
            text.Append(CultureInfo.InvariantCulture, $"  {diagnosis}: {Quoted(entry.Sentence)},\n");
        return text.Append("}\n").ToString();
    }

    /// <summary>In the kind of quotes that needs no escapes.</summary>
    private static string Quoted(string text)
    {
        var quote = text.Contains('\'', StringComparison.Ordinal) ? '"' : '\'';
        if (quote == '"' && text.Contains('"', StringComparison.Ordinal)) throw new InvalidOperationException("Both kinds of quotes in: " + text);
        return quote + text.Replace("\\", "\\\\", StringComparison.Ordinal) + quote;
    }
}
