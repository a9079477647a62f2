using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tieline.Doctor.Judging;
using Tieline.Protocol.Findings;

namespace Tieline.Doctor.Reporting;

/// <summary>The report for programs. Tokens are not in it.</summary>
internal static class JsonReport
{
    private static readonly JsonWriterOptions _layout = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(Outcome outcome, Masking masking)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, _layout))
        {
            json.WriteStartObject();
            json.WriteString("url", outcome.File.Target.Display);
            json.WriteBoolean("healthy", outcome.Verdict.Healthy);
            json.WriteStartArray("findings");
            foreach (var finding in outcome.Verdict.Findings) WriteFinding(json, finding, masking);
            json.WriteEndArray();
            json.WriteStartArray("notes");
            foreach (var note in outcome.Verdict.Notes) json.WriteStringValue(masking.Hide(note));
            json.WriteEndArray();
            json.WriteStartArray("checks");
            foreach (var check in outcome.Checks)
            {
                json.WriteStartObject();
                json.WriteString("name", check.Name);
                json.WriteString("result", masking.Hide(check.Result));
                json.WriteNumber("ms", check.Ms);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void WriteFinding(Utf8JsonWriter json, Finding finding, Masking masking)
    {
        json.WriteStartObject();
        json.WriteString("code", finding.Entry.Code);
        json.WriteString("cause", finding.Entry.Cause);
        json.WriteString("layer", LayerName(finding.Entry.Layer));
        json.WriteString("title", finding.Entry.Title);
        json.WriteString("saw", masking.Hide(string.Join("\n", finding.Saw)));
        json.WriteString("why", finding.Entry.Why);
        json.WriteStartArray("fixes");
        foreach (var fix in finding.Fixes)
        {
            json.WriteStartObject();
            json.WriteString("text", fix.Text);
            json.WriteString("command", fix.Command);
            json.WriteString("diff", masking.Hide(fix.Diff));
            json.WriteString("confidence", fix.ConfidenceWord);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("alternatives");
        foreach (var cause in finding.Alternatives) json.WriteStringValue(cause);
        json.WriteEndArray();
        if (finding.Decider.Length > 0) json.WriteString("decider", finding.Decider);
        json.WriteEndObject();
    }

    public static string LayerName(FindingLayer layer) => layer switch
    {
        FindingLayer.Name => "name",
        FindingLayer.Tcp => "TCP",
        FindingLayer.Tls => "TLS",
        FindingLayer.Proxy => "proxy",
        FindingLayer.Application => "application",
        FindingLayer.Token => "token",
        FindingLayer.Line => "live line",
        FindingLayer.Storage => "storage",
        _ => "configuration file",
    };
}
