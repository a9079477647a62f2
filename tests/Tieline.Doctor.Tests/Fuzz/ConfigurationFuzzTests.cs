using CsCheck;
using Tieline.Doctor.Configuration;
using Tieline.Doctor.Tests.Cases;

namespace Tieline.Doctor.Tests.Fuzz;

/// <summary>Cut, mixed and hostile configurations give fewer clues, never an exception and never an endless loop.</summary>
public sealed class ConfigurationFuzzTests
{
    private static readonly IConfigReader[] _readers = [new NginxReader(), new ApacheReader(), new HaproxyReader(), new CaddyReader(), .. LineReader.All];

    private static readonly string[] _seeds = [.. AllCases.List.SelectMany(c => c.Configs).Select(c => c.Text.Replace("{front}", "8080", StringComparison.Ordinal))];

    private static readonly string[] _bits = ["{", "}", ";", "\"", "'", "\\", "#", "\n", "\0", "<", "</VirtualHost>", "<VirtualHost *:8080>", "location ~ (((a+)+)+$ {", "include *;", "server {", "frontend x", "handle {", "${", "\\\n", "🦊", "use_backend x if {", "RewriteCond"];

    [Fact]
    public void Any_cut_and_mixed_text_is_read_to_its_end() =>
        Gen.Select(Gen.Int[0, 10_000].Select(i => _seeds[i % _seeds.Length]), Gen.Int[0, 4000], Gen.Int[0, 10_000].Select(i => _bits[i % _bits.Length]), Gen.Int[0, 4000], Gen.Int[0, 10_000].Select(i => _bits[i % _bits.Length])).Sample((seed, cut, one, at, two) =>
        {
            var text = seed[..Math.Min(cut, seed.Length)] + one;
            text = text.Insert(Math.Min(at, text.Length), two);
            ReadAll(text);
        }, iter: 3000);

    [Fact]
    public void Noise_is_read_to_its_end() => Gen.String[0, 400].Sample(ReadAll, iter: 1000);

    [Fact]
    public void Ten_thousand_open_blocks_are_read_to_their_end()
    {
        ReadAll(string.Concat(Enumerable.Repeat("location / {\n", 10_000)));
        ReadAll(string.Concat(Enumerable.Repeat("<Location />\n", 10_000)));
        ReadAll(new string('\\', 50_000));
        ReadAll(new string('"', 50_001));
    }

    private static void ReadAll(string text)
    {
        foreach (var name in (string[])["/nowhere/nginx.conf", "/nowhere/Caddyfile"])
        {
            var file = new ConfigText(name, text);
            foreach (var reader in _readers)
            {
                reader.Recognizes(file);
                var reading = reader.Read(file, new ReadingQuestion("chat.test", 8080, "/api/chat/ws/bob", true, "127.0.0.1:8000"));
                foreach (var edit in reading.Clues.SelectMany(c => c.Edits).Where(e => e.Path == name)) Doctor.Mending.Patch.Apply(text, [edit]).ShouldNotBeNull();
            }
        }
    }
}
