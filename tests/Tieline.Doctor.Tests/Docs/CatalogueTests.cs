using System.Net;
using System.Runtime.CompilerServices;
using Tieline.Doctor.Reporting;
using Tieline.Doctor.Targets;

namespace Tieline.Doctor.Tests.Docs;

/// <summary>The catalogue is data in one place; what is made from it is what it makes. And no report tells a token.</summary>
public sealed class CatalogueTests
{
    private const string Token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJib2IifQ.c2lnbmF0dXJl%2Bz";

    [Fact]
    public void The_TypeScript_client_has_what_the_catalogue_says() =>
        File.ReadAllText(Repository("clients/js/packages/client/src/findings.ts")).TrimEnd('\n').ShouldBe(TypeScriptCatalogue.Write().TrimEnd('\n'), "run scripts/check --write");

    [Theory]
    [InlineData("GET /ws?token=" + Token + " HTTP/1.1")]
    [InlineData("a server that decodes: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJib2IifQ.c2lnbmF0dXJl+z")]
    [InlineData("cut in the middle: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJib2Ii...")]
    [InlineData("twice: " + Token + Token)]
    public void A_token_is_hidden_whole_decoded_and_in_part(string text)
    {
        var hidden = Masks().Hide(text);
        hidden.ShouldContain("***");
        foreach (var part in (string[])["eyJzdWIi", "c2lnbmF0", "eyJhbGci"]) hidden.ShouldNotContain(part);
    }

    [Fact]
    public void The_password_of_a_forward_proxy_is_hidden_too() => Masks().Hide("login as ada:sesame-open failed").ShouldBe("login as ada:*** failed");

    [Fact]
    public void The_address_is_shown_without_its_token() => Target.Parse("wss://chat.test/ws?room=1&token=" + Token, null, out _)!.Display.ShouldBe("wss://chat.test/ws?room=1&token=***");

    private static Masking Masks() => new(new DoctorOptions { Target = Target.Parse("wss://chat.test/ws?token=" + Token, null, out _)!, ForwardLogin = "ada:sesame-open", Resolve = new Dictionary<string, IPAddress>() });

    private static string Repository(string path, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", path);
}
