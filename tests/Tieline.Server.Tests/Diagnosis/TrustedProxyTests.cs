using System.Net;
using Microsoft.AspNetCore.Http;

namespace Tieline.Server.Tests.Diagnosis;

/// <summary>Whose word is taken for where a request comes from.</summary>
public sealed class TrustedProxyTests
{
    [Theory]
    [InlineData("127.0.0.1", null, "127.0.0.1")]
    [InlineData("127.0.0.1", "203.0.113.7", "203.0.113.7")]
    [InlineData("::1", "203.0.113.7", "203.0.113.7")]
    [InlineData("::ffff:127.0.0.1", "203.0.113.7", "203.0.113.7")]
    [InlineData("198.51.100.9", "203.0.113.7", "198.51.100.9")]
    [InlineData("127.0.0.1", "1.2.3.4, 203.0.113.7", "203.0.113.7")]
    [InlineData("127.0.0.1", "203.0.113.7, 10.1.2.3", "203.0.113.7")]
    [InlineData("127.0.0.1", "203.0.113.7,10.1.2.3,10.4.5.6", "203.0.113.7")]
    [InlineData("127.0.0.1", "10.1.2.3", "10.1.2.3")]
    [InlineData("127.0.0.1", "2001:db8::7", "2001:db8::7")]
    [InlineData("127.0.0.1", "203.0.113.7:4711", "203.0.113.7")]
    [InlineData("127.0.0.1", "[2001:db8::7]:4711", "2001:db8::7")]
    [InlineData("127.0.0.1", "unknown", "127.0.0.1")]
    [InlineData("127.0.0.1", "203.0.113.7, unknown", "127.0.0.1")]
    [InlineData("127.0.0.1", ",,", "127.0.0.1")]
    public void The_first_address_that_is_not_a_proxy_of_ours_is_the_clients(string remote, string? forwarded, string client)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(remote);
        if (forwarded is not null) context.Request.Headers["X-Forwarded-For"] = forwarded;

        new TrustedProxies("127.0.0.0/8,::1,10.0.0.0/8").ClientAddress(context).ShouldBe(client);
    }

    [Fact]
    public void Several_header_lines_are_one_list()
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Loopback;
        context.Request.Headers["X-Forwarded-For"] = new Microsoft.Extensions.Primitives.StringValues(["1.2.3.4", "203.0.113.7"]);

        new TrustedProxies("127.0.0.0/8").ClientAddress(context).ShouldBe("203.0.113.7");
    }

    [Fact]
    public void Nobody_is_believed_where_nobody_is_trusted()
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Loopback;
        context.Request.Headers["X-Forwarded-For"] = "203.0.113.7";

        new TrustedProxies("").ClientAddress(context).ShouldBe("127.0.0.1");
    }
}
