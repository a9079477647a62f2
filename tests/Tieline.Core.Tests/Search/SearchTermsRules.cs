using System.Text;
using Tieline.Core.Search;

namespace Tieline.Core.Tests.Search;

/// <summary>What is found by what, in many languages.</summary>
public sealed class SearchTermsRules
{
    [Theory]
    [InlineData("the end of a word may be missing", "hel", "Oh, hello there")]
    [InlineData("words in any order", "there oh hel", "Oh, hello there")]
    [InlineData("case", "HELLO", "hello")]
    [InlineData("German", "strasse grosse uber", "Über die große Straße")]
    [InlineData("French", "deja l'eleve cœur", "L’élève a déjà du coeur")]
    [InlineData("Spanish", "manana ano", "Mañana, año nuevo")]
    [InlineData("Polish", "zolw lodz", "żółw w Łodzi")]
    [InlineData("Danish", "smorrebrod aeble", "Smørrebrød og æble")]
    [InlineData("Turkish", "istanbul isik", "İSTANBUL'da ışık")]
    [InlineData("Vietnamese", "tieng viet", "Tiếng Việt")]
    [InlineData("Icelandic", "thordur", "Þórður")]
    [InlineData("Greek, with its two sigmas", "οδυσσευς αθηνα", "Ὀδυσσεύσ στην Αθήνα")]
    [InlineData("Russian, io as ie", "елка еще", "Ёлка ещё зелёная")]
    [InlineData("Ukrainian", "їжак", "ЇЖАК")]
    [InlineData("Georgian", "გამარჯობა", "გამარჯობა!")]
    [InlineData("Armenian", "հայաստան", "ՀԱՅԱՍՏԱՆ և Արցախ")]
    [InlineData("Hebrew, without points", "שלום", "שָׁלוֹם חברים")]
    [InlineData("Arabic, without vowel signs and with any alef", "احمد مدرسه", "أَحْمَدُ في المدرسة مدرسة")]
    [InlineData("Persian, with and without a joiner", "میروم کتاب", "می‌روم كتاب")]
    [InlineData("Hindi", "नमस्ते दुनि", "नमस्ते, दुनिया")]
    [InlineData("Bengali", "বাংলা", "আমি বাংলায় গান গাই, বাংলা")]
    [InlineData("Tamil", "வணக்கம்", "வணக்கம் நண்பா")]
    [InlineData("Amharic", "ሰላም", "ሰላም ነው")]
    [InlineData("Tibetan", "བཀྲ", "བཀྲ་ཤིས་བདེ་ལེགས")]
    [InlineData("Korean, a syllable not finished", "안녕하세요 서우", "안녕하세요 서울")]
    [InlineData("Chinese, inside a sentence", "東京", "我明天去東京都旅行")]
    [InlineData("Chinese, one character", "京", "我明天去東京")]
    [InlineData("Japanese, of three scripts", "食べ物 カフェ", "カフェで食べ物を買う")]
    [InlineData("Japanese, of half width", "ｶﾞｯｺｳ", "学校はガッコウ")]
    [InlineData("Thai", "ภาษาไทย", "ฉันพูดภาษาไทยได้")]
    [InlineData("Thai, tone and vowel not typed yet", "กิ", "ไม่กิ่ง")]
    [InlineData("Lao", "ສະບາຍ", "ສະບາຍດີ")]
    [InlineData("Khmer", "ខ្មែរ", "ភាសាខ្មែរ")]
    [InlineData("Burmese", "မြန်မာ", "မြန်မာဘာသာ")]
    [InlineData("digits of any script", "2024", "في ٢٠٢٤")]
    [InlineData("digits beside characters", "2024年", "是2024年了")]
    [InlineData("full width", "abc 12", "ＡＢＣ　１２３")]
    [InlineData("mathematical letters", "hello", "𝓱𝓮𝓵𝓵𝓸")]
    [InlineData("a ligature", "office", "oﬃce")]
    [InlineData("a sign of feeling", "🎉", "party 🎉!")]
    [InlineData("a sign of feeling, whatever its skin", "👍", "👍🏽")]
    [InlineData("a part of an address", "example org", "see https://example.org/x?y=1")]
    public void It_is_found(string what, string asked, string text) => SearchTerms.Parse(asked).Matches(text).ShouldBeTrue(what);

    [Theory]
    [InlineData("the middle of a word", "ello", "hello")]
    [InlineData("a word that is not there", "hello you", "hello")]
    [InlineData("the beginning of a word that is not the last", "hel there", "hello there")]
    [InlineData("Hindi vowel signs make another word", "की", "का")]
    [InlineData("Hindi nasals do", "हंस", "हस")]
    [InlineData("Thai vowels do", "กี", "กา")]
    [InlineData("Japanese voicing does", "かき", "かぎ")]
    [InlineData("Russian short i is no i", "мои дом", "мой дом")]
    [InlineData("Chinese pairs that do not follow each other", "東京都", "東京と京都")]
    [InlineData("a script is not another", "カ", "か")]
    public void It_is_not_found(string what, string asked, string text) => SearchTerms.Parse(asked).Matches(text).ShouldBeFalse(what);

    [Theory]
    [InlineData("й")]
    [InlineData("é")]
    [InlineData("が")]
    [InlineData("서울")]
    [InlineData("क़लम")]
    [InlineData("Ắ")]
    public void The_same_letter_in_parts_is_the_same(string composed)
    {
        // In parts by hand: the runtime of the tests is built without the tables that would take it apart.
        var parts = composed switch
        {
            "й" => "и\u0306",
            "é" => "e\u0301",
            "が" => "か\u3099",
            "서울" => "\u1109\u1165\u110B\u116E\u11AF",
            "क़लम" => "क\u093Cलम",
            _ => "A\u0306\u0301",
        };
        SearchTerms.TokensOf(parts).ShouldBe(SearchTerms.TokensOf(composed), ignoreOrder: true);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ?!… ")]
    [InlineData("\u0301\u200D")]
    [InlineData("\ud800")]
    public void There_is_nothing_to_look_for(string asked) => SearchTerms.Parse(asked).Terms.ShouldBeEmpty();

    [Fact]
    public void A_message_that_matches_holds_every_token_it_is_looked_for_by()
    {
        foreach (var row in typeof(SearchTermsRules).GetMethod(nameof(It_is_found))!.GetCustomAttributes(typeof(InlineDataAttribute), false).Cast<InlineDataAttribute>())
        {
            var (asked, text) = ((string)row.Data[1]!, (string)row.Data[2]!);
            var held = SearchTerms.TokensOf(text);
            foreach (var term in SearchTerms.Parse(asked).Terms)
            {
                foreach (var token in term.Tokens.SkipLast(term.IsPrefix ? 1 : 0)) held.ShouldContain(token, asked);
                if (term.IsPrefix) held.Any(token => token.StartsWith(term.Tokens[^1], StringComparison.Ordinal)).ShouldBeTrue(asked);
            }
        }
    }

    [Fact]
    public void Every_letter_of_Unicode_finds_itself_in_either_case()
    {
        for (var value = 0x80; value <= 0x2FFFF; value++)
        {
            if (!Rune.IsValid(value)) continue;
            var rune = new Rune(value);
            if (!Rune.IsLetterOrDigit(rune)) continue;
            var (lower, upper) = (SearchTerms.TokensOf(Rune.ToLowerInvariant(rune).ToString()), SearchTerms.TokensOf(Rune.ToUpperInvariant(rune).ToString()));
            var own = SearchTerms.TokensOf(rune.ToString());
            (own.SetEquals(lower) || own.SetEquals(upper)).ShouldBeTrue($"U+{value:X4}");
            // The tatweel, and vowel signs of Arabic that were once given a place of their own.
            if (value is not (0x640 or (>= 0xFC5E and <= 0xFC63) or (>= 0xFE70 and <= 0xFE7F))) own.ShouldNotBeEmpty($"U+{value:X4}");
        }
    }

    [Fact]
    public void Tokens_hold_nothing_that_a_tokenizer_of_words_would_split_or_change()
    {
        for (var value = 0; value <= 0x2FFFF; value++)
        {
            if (!Rune.IsValid(value)) continue;
            var tokens = SearchTerms.TokensOf($"a{new Rune(value)}b");
            tokens.All(token => token.All(sign => sign >= 0x80 || char.IsAsciiLetterLower(sign) || char.IsAsciiDigit(sign))).ShouldBeTrue($"U+{value:X4}");
        }
    }
}
