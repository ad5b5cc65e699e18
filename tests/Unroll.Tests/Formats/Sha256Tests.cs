using System.Security.Cryptography;
using System.Text;
using Unroll.Formats;

namespace Unroll.Tests.Formats;

/// <summary>SHA-256 by the examples of its authors, and against the framework's own.</summary>
public sealed class Sha256Tests
{
    // FIPS 180-4's examples (csrc.nist.gov, "Examples with Intermediate Values") and the empty message of the validation list (SHA256ShortMsg.rsp).
    [Theory]
    [InlineData("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")]
    public void Published_examples_have_their_hash(string message, string expected) =>
        Assert.Equal(expected, Convert.ToHexStringLower(Sha256.HashData(Encoding.ASCII.GetBytes(message))));

    [Fact]
    public void Of_every_length_around_the_size_of_a_block_it_is_that_of_the_framework()
    {
        byte[] data = [.. Enumerable.Range(0, 300).Select(i => (byte)(i * 7 + i / 11))];
        for (int length = 0; length <= data.Length; length++)
            Assert.Equal(SHA256.HashData(data.AsSpan(0, length)), Sha256.HashData(data.AsSpan(0, length)));
    }

    [Fact]
    public void Fed_in_pieces_of_any_size_it_is_the_same_and_begins_anew_after_its_end()
    {
        byte[] data = [.. Enumerable.Range(0, 1000).Select(i => (byte)(i * 31 + i / 5))];
        byte[] expected = SHA256.HashData(data);
        Sha256 hash = new();
        for (int piece = 1; piece <= 200; piece++)
        {
            for (int at = 0; at < data.Length; at += piece) hash.AppendData(data.AsSpan(at, Math.Min(piece, data.Length - at)));
            Assert.Equal(expected, hash.GetHashAndReset());
        }
    }
}
