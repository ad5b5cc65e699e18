using System.Text;
using System.Text.Json;
using Unroll.Core;

namespace Unroll.Tests.Formats;

/// <summary>What JSON may hold, by the one rule that all files are read by.</summary>
public sealed class JsonRecordTests
{
    [Theory]
    [InlineData("{\"a\": \"\\ud800\"}", "it is not JSON, line 1: a text in it is not Unicode")]
    [InlineData("{\n\"\\udc00\": 1}", "it is not JSON, line 2: a text in it is not Unicode")]
    [InlineData("{\"b\": [{\"c\": \"x\\ud83d\"}]}", "not Unicode")]
    [InlineData("{\"a\": 1e999}", "a number in it is too large")]
    [InlineData("{\"a\": 1, \"a\": 2}", "Duplicate property 'a'")]
    [InlineData("{\"a\": 1, \"\\u0061\": 2}", "Duplicate property 'a'")]
    [InlineData("{\"a\": 1,}", "it is not JSON, line 1")]
    [InlineData("{\"a\": 1} // one", "it is not JSON, line 1")]
    [InlineData("{\"a\": NaN}", "it is not JSON, line 1")]
    [InlineData("{\"a\": 01}", "it is not JSON, line 1")]
    [InlineData("{\"a\": \"8\"}", "a is not what belongs there: expected a whole number, found \"8\"")]
    [InlineData("{\"a\": [8]}", "a is not what belongs there: expected a whole number, found a list")]
    [InlineData("{\"a\": null}", "a is not what belongs there: expected a whole number, found null")]
    [InlineData("{\"a\": 8.5}", "expected a whole number, found 8.5")]
    [InlineData("{\"a\": 2147483648}", "expected a whole number, found 2147483648")]
    [InlineData("{}", "the member 'a' is missing")]
    [InlineData("{\"a\": 8, \"b\": 9}", "there is no member 'b'")]
    [InlineData("null", "expected an object, found null")]
    [InlineData("", "it is not JSON")]
    public void What_is_not_a_whole_number_is_refused_with_the_reason(string json, string expected) =>
        Assert.Contains(expected, Assert.ThrowsAny<JsonException>(() => JsonRecord.Read(json, record => record.Whole("a"))).Message);

    [Fact]
    public void Depth_is_limited() => Assert.Contains("it is not JSON", Assert.ThrowsAny<JsonException>(() =>
        JsonRecord.Parse(new string('[', 65) + new string(']', 65), _ => 0)).Message);

    [Fact]
    public void Bytes_that_are_no_text_and_texts_that_are_no_Unicode_are_refused()
    {
        byte[] bytes = [.. "{\n\"a\": \""u8, 0xC3, .. "\"}"u8];
        Assert.Contains("it is not JSON, line 2: a byte in it is not UTF-8",
            Assert.ThrowsAny<JsonException>(() => JsonRecord.Parse(bytes, _ => 0)).Message);
        Assert.Contains("not Unicode", Assert.ThrowsAny<JsonException>(() => JsonRecord.Parse("{\"a\": \"\ud800\"}", _ => 0)).Message);
        using JsonDocument parsed = JsonDocument.Parse("[\"\\ud800\"]");
        Assert.Contains("not Unicode", Assert.ThrowsAny<JsonException>(() => JsonRecord.RequireSound(parsed.RootElement)).Message);
        using JsonDocument large = JsonDocument.Parse("[1e400]");
        Assert.Contains("too large", Assert.ThrowsAny<JsonException>(() => JsonRecord.RequireSound(large.RootElement)).Message);
    }

    [Fact]
    public void What_a_person_wrote_may_have_comments_and_last_commas()
    {
        byte[] json = Encoding.UTF8.GetBytes("\ufeff{ /* why */ \"a\": 8, }");
        Assert.Equal(8, JsonRecord.Parse(json, root => root.GetProperty("a").GetInt32(), byHand: true));
        Assert.ThrowsAny<JsonException>(() => JsonRecord.Parse(json, _ => 0));
    }

    [Fact]
    public void Numbers_have_ranges()
    {
        static string Error(string json) => Assert.ThrowsAny<JsonException>(() =>
            JsonRecord.Read(json, record => record.Between("a", 1, 64) + record.RealBetween("b", 0, 0.5))).Message;
        Assert.Contains("a is not what belongs there: expected a whole number from 1 to 64, found 65", Error("{\"a\": 65, \"b\": 0}"));
        Assert.Contains("b is not what belongs there: expected a number from 0 to 0.5, found 1e308", Error("{\"a\": 64, \"b\": 1e308}"));
        Assert.Contains("counts[1] is not what belongs there: expected a whole number of at least 0, found -1",
            Assert.ThrowsAny<JsonException>(() => JsonRecord.Read("{\"counts\": [1, -1]}", record => record.Counts("counts"))).Message);
        Assert.Contains("expected a number, found 1e40",
            Assert.ThrowsAny<JsonException>(() => JsonRecord.Read("{\"a\": 1e40}", r => r.Single("a"))).Message);
    }

    [Fact]
    public void A_message_is_never_longer_than_a_few_lines_and_keeps_its_beginning_and_its_end()
    {
        string message = new UserErrorException($"file.csv: expected {new string('x', 5000)}; do this.").Message;
        Assert.Equal(UserErrorException.Longest, message.Length);
        Assert.StartsWith("file.csv: expected xxx", message);
        Assert.EndsWith("x; do this.", message);
        string emoji = new UserErrorException(string.Concat(Enumerable.Repeat("🙂", 600))).Message;
        Assert.InRange(emoji.Length, 400, UserErrorException.Longest);
        Assert.Equal("'a b.csv': no such file", new UserErrorException("'a\r\nb.csv': no\u2028such file").Message);
        Assert.DoesNotContain('\ufffd', Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(emoji)));
    }
}
