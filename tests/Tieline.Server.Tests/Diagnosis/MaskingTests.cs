using Tieline.Server.Diagnosis;

namespace Tieline.Server.Tests.Diagnosis;

public sealed class MaskingTests
{
    [Theory]
    [InlineData("wss://x/api/chat/ws/me?v=2&token=SECRET&attempt=1", "wss://x/api/chat/ws/me?v=2&token=(masked)&attempt=1")]
    [InlineData("/ws?ticket=SECRET", "/ws?ticket=(masked)")]
    [InlineData("/ws?TOKEN=SECRET#x", "/ws?TOKEN=(masked)")]
    [InlineData("/ws?access_token=SECRET&a=1", "/ws?access_token=(masked)&a=1")]
    [InlineData("redirect=%2Fws%3Ftoken%3DSECRET", "redirect=%2Fws%3Ftoken%3D(masked)")]
    [InlineData("{\"token\":\"SECRET\",\"a\":1}", "{\"token\":\"(masked)\",\"a\":1}")]
    [InlineData("{\"token\": \"SECRET\"}", "{\"token\": \"(masked)\"}")]
    [InlineData("{'ticket':'SECRET'}", "{'ticket':'(masked)'}")]
    [InlineData("{\"log\":\"{\\\"token\\\":\\\"SECRET\\\"}\"}", "{\"log\":\"{\\\"token\\\":\\\"(masked)\\\"}\"}")]
    [InlineData("Authorization: Bearer SECRET.SECRET", "Authorization: (masked)")]
    [InlineData("{\"Authorization\":\"Bearer SECRET\",\"a\":1}", "{\"Authorization\":\"(masked)\",\"a\":1}")]
    [InlineData("[\"Authorization\",\"Basic SECRET==\"]", "[\"Authorization\",\"(masked)\"]")]
    [InlineData("Cookie: a=SECRET; b=SECRET", "Cookie: (masked)")]
    [InlineData("set-cookie=SECRET; Path=/", "set-cookie=(masked)")]
    [InlineData("I sent Bearer SECRET.a-b_c~d+e/f= and got 401", "I sent Bearer (masked) and got 401")]
    [InlineData("tieline.v2, bearer.SECRET_-SECRET", "tieline.v2, bearer.(masked)")]
    [InlineData("tieline.v2, bearer.SECRET.SECRET.SECRET, x", "tieline.v2, bearer.(masked), x")]
    [InlineData("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.SECRET today", "got (masked) today")]
    [InlineData("{\"password\":\"SECRET\"}", "{\"password\":\"(masked)\"}")]
    [InlineData("one\r\ntwo\0three\tfour\u0085five", "one two three four five")]
    [InlineData("nothing here to hide: the bearer of news, a token of thanks", "nothing here to hide: the bearer (masked) news, a token of thanks")]
    public void Secrets_leave_the_text_and_the_rest_stays(string text, string masked)
    {
        var result = Masking.Mask(text);

        result.ShouldNotContain("SECRET");
        result.ShouldBe(masked);
        Masking.Mask(result).ShouldBe(masked, "masking twice changes nothing");
    }
}
