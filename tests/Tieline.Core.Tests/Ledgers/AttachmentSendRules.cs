using Tieline.Core.Attachments;
using Tieline.Core.Ledgers;
using Tieline.Protocol;

namespace Tieline.Core.Tests.Ledgers;

public sealed class AttachmentSendRules
{
    private readonly Book _book = new();

    private Send With(string attachments, string clientId = "c1") => new(_book.Ada, clientId, _book.Bob, null, "look", Attachments: attachments);

    private void Finish(string id, string type = "audio/ogg") => _book.Do(new AddAttachment(new Attachment(id, _book.Ada.Key, "from upload", type, 10, 10)));

    [Fact]
    public void A_message_says_of_an_attachment_what_the_server_found_and_not_what_its_sender_claims()
    {
        Finish("a1");

        _book.Do(With("""[{"id":"a1","type":"image/png","size":1,"url":"https://evil.example","name":"../x.ogg","duration_ms":1200}]""")).ShouldBeOfType<Acknowledged>();

        _book.Facts.Messages.ShouldHaveSingleItem().Wire.Attachments.ShouldBe("""[{"id":"a1","kind":"voice","name":"x.ogg","type":"audio/ogg","size":10,"duration_ms":1200}]""");
    }

    public static TheoryData<string, string> Wrong => new()
    {
        { """[{"id":"never"}]""", "not_found" },
        { """[{"id":"bobs"}]""", "not_found" },
        { """[{"id":"used"}]""", "conflict" },
        { """[{"id":"a1"},{"id":"a1"}]""", "invalid" },
        { """["a1"]""", "invalid" },
        { """[{"id":7}]""", "invalid" },
        { """[{"id":"a1","name":7}]""", "invalid" },
        { """[{"id":"a1","duration_ms":-1}]""", "invalid" },
        { $"[{string.Join(',', Enumerable.Range(0, 21).Select(i => $$"""{"id":"x{{i}}"}"""))}]", "invalid" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Only_finished_uploads_of_the_sender_that_no_message_carries_can_be_sent(string attachments, string code)
    {
        Finish("a1");
        Finish("used");
        _book.Do(With("""[{"id":"used"}]""", "c0"));
        _book.Do(new AddAttachment(new Attachment("bobs", _book.Bob.Key, "x", "text/plain", 1, 1)));

        _book.Do(With(attachments)).ShouldBeOfType<Refused>().Error.Code.ShouldBe(code);
        _book.Facts.Messages.ShouldHaveSingleItem();
    }

    [Fact]
    public void A_resend_is_answered_although_the_upload_is_used_by_the_first()
    {
        Finish("a1");
        _book.Do(With("""[{"id":"a1"}]"""));

        _book.Do(With("""[{"id":"a1"}]""")).ShouldBeOfType<Acknowledged>().Ack.Duplicate.ShouldBeTrue();
    }

    [Fact]
    public void What_is_doomed_cannot_be_sent_and_what_is_sent_cannot_be_doomed()
    {
        Finish("a1");
        Finish("a2");
        _book.Do(With("""[{"id":"a1"}]"""));

        _book.Do(new DoomAttachment("a1")).ShouldBe(new Changed(0));
        _book.Do(new DoomAttachment("a2", _book.Bob.Key)).ShouldBe(new Changed(0));
        _book.Do(new DoomAttachment("a2", _book.Ada.Key)).ShouldBe(new Changed(1));
        _book.Do(With("""[{"id":"a2"}]""", "c2")).ShouldBeOfType<Refused>().Error.ShouldBe(WireError.NotFound);
    }
}
