using System.IO.Compression;
using System.Text;
using Unroll.Core;
using Unroll.Tasks.Data.Sequences;
using Xunit;

namespace Unroll.Tests.Tasks.Data.Sequences;

public class NucleotideTests
{
    private static IReadOnlyList<FastaRecord> Read(string text) => FastaReader.Read(Encoding.UTF8.GetBytes(text), "g.fa");

    [Theory]
    [InlineData('A', 1, 0, 0, 0)]
    [InlineData('u', 0, 0, 0, 1)]
    [InlineData('R', 0.5f, 0, 0.5f, 0)]
    [InlineData('N', 0.25f, 0.25f, 0.25f, 0.25f)]
    [InlineData('-', 0, 0, 0, 0)]
    public void A_code_is_shared_among_the_bases_it_may_be(char code, float a, float c, float g, float t)
    {
        float[] shares = [9, 9, 9, 9];
        Nucleotides.Encode(code, shares);
        Assert.Equal([a, c, g, t], shares);
    }

    [Fact]
    public void Every_code_and_its_complement_mean_complementary_bases()
    {
        float[] own = new float[4], other = new float[4];
        foreach (char code in "ACGTUMRWSYKVHDBN-.")
        {
            Nucleotides.Encode(code, own);
            Nucleotides.Encode(Nucleotides.ReverseComplement(code.ToString())[0], other);
            Assert.Equal(own, other.Reverse());                          // A–T and C–G lie mirrored in ACGT
        }
    }

    [Fact]
    public void The_other_strand_of_the_other_strand_is_the_first_but_for_uracil()
    {
        Assert.Equal("nACGT", Nucleotides.ReverseComplement("ACGTn"));
        Assert.Equal("GATTaca", Nucleotides.ReverseComplement(Nucleotides.ReverseComplement("GATTaca")));
        Assert.Equal([0, 1, 2, 3, 3, -1, -1, -1], "ACGTuN-x".Select(Nucleotides.IndexOf));
        Assert.Contains("'x' at place 2", Assert.Throws<UserErrorException>(() => Nucleotides.ReverseComplement("AxC")).Message);
    }

    [Fact]
    public void Sequences_on_many_lines_are_joined_and_keep_name_and_line()
    {
        IReadOnlyList<FastaRecord> records = Read(";note\n>one first gene\nACG\r\nTN\n\nacgu*\n>two\nR-Y\n");
        Assert.Equal([new FastaRecord("one", "first gene", "ACGTNacgu", 2), new FastaRecord("two", "", "R-Y", 7)], records);
    }

    [Fact]
    public void A_gzipped_file_is_the_same_and_a_damaged_one_is_refused()
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(">a\nACGT\n"u8);
        byte[] bytes = packed.ToArray();
        Assert.Equal("ACGT", FastaReader.Read(bytes, "g.fa.gz")[0].Letters);
        bytes[3] = 0xFF;
        Assert.StartsWith("g.fa.gz: ", Assert.Throws<UserErrorException>(() => FastaReader.Read(bytes[..12], "g.fa.gz")).Message);
    }

    [Theory]
    [InlineData("", "g.fa: expected sequences in FASTA form")]
    [InlineData("ACGT\n", "g.fa, line 1: expected a header that begins with '>', found 'ACGT'.")]
    [InlineData(">a\nACGT\nACXT\n", "g.fa, line 3, character 3: expected a nucleotide (A, C, G, T, U, N, R, Y …), found 'X'.")]
    [InlineData(">a\n>b\nA\n", "g.fa, line 1: the sequence 'a' has no letters.")]
    [InlineData(">a\nA\0C\n", "g.fa: expected a FASTA file, which is text, found a binary file.")]
    public void What_is_no_fasta_is_refused_by_line(string text, string expected) =>
        Assert.StartsWith(expected, Assert.Throws<UserErrorException>(() => Read(text)).Message);
}
