using System.Net.Http.Headers;
using Microsoft.Extensions.Time.Testing;
using Tieline.Server.Attachments;

namespace Tieline.Server.Tests.Attachments;

public sealed class S3Tests
{
    [Fact]
    public void A_request_is_signed_as_the_published_example_is()
    {
        // "Example: GET Object" of Amazon S3's "Signature Calculations for the Authorization Header".
        var time = new FakeTimeProvider(new DateTimeOffset(2013, 5, 24, 0, 0, 0, TimeSpan.Zero));
        var signature = new S3Signature("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1", time);
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://examplebucket.s3.amazonaws.com/test.txt") { Headers = { Range = new RangeHeaderValue(0, 9) } };

        signature.Sign(request, S3Signature.Empty);

        request.Headers.GetValues("Authorization").Single().ShouldBe("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
            + "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    }

    [Theory]
    [InlineData("s3://bucket", "https://bucket.s3.us-east-1.amazonaws.com/x")]
    [InlineData("s3://bucket/chat/files/?region=eu-central-1", "https://bucket.s3.eu-central-1.amazonaws.com/chat/files/x")]
    [InlineData("s3://bucket?endpoint=http://minio:9000", "http://minio:9000/bucket/x")]
    [InlineData("s3://bucket/a?endpoint=https%3A%2F%2Fs3.example&region=auto", "https://s3.example/bucket/a/x")]
    public void An_address_names_where_an_object_is(string setting, string address) => S3Address.TryParse(setting, out _)!.Of("x").ToString().ShouldBe(address);

    [Theory]
    [InlineData("bucket", "must be folder, or s3://")]
    [InlineData("s3://B", "must name a bucket")]
    [InlineData("s3://bucket?endpoint=ftp://x", "has an endpoint")]
    [InlineData("s3://bucket?endpoint=https://key:secret@s3.example", "has an endpoint")]
    [InlineData("s3://bucket?key=1", "knows endpoint and region behind its ?, not key")]
    [InlineData("s3://bucket?region=a/b", "has a region")]
    [InlineData("s3://bucket/a b", "has a prefix")]
    public void What_is_no_address_is_told(string setting, string why) => S3Address.Check(setting)!.ShouldStartWith(why);
}
