using System.Globalization;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Tasks;
using Unroll.Tasks.Shared;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Laws;

/// <summary>A model file of any task in which one bit is not what it was does not open: every flip is found.</summary>
public sealed class DamagedModelTests : IDisposable
{
    // A longer run: UNROLL_FLIPS=12000.
    private static readonly int s_flips =
        int.TryParse(Environment.GetEnvironmentVariable("UNROLL_FLIPS"), CultureInfo.InvariantCulture, out int flips) ? flips : 2000;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Fixtures =>
        [.. Directory.GetFiles(FixtureFolder, "*.safetensors").Select(file => Path.GetFileNameWithoutExtension(file))];

    private static string FixtureFolder => Path.Combine(AppContext.BaseDirectory, "Tasks", "Fixtures");

    [Theory, MemberData(nameof(Fixtures))]
    public void Every_flipped_bit_is_found(string fixture)
    {
        string path = Written(fixture);
        byte[] whole = File.ReadAllBytes(path);
        long header = 8 + BitConverter.ToInt64(whole);
        Rng random = new Rng(1).For(fixture);
        List<string> silent = [];
        int flips = Math.Max(1, s_flips / Fixtures.Count());
        for (int i = 0; i < flips; i++)
        {
            // Three of four in the header, where meaning lies.
            long bytes = i % 4 == 0 ? whole.Length : header;
            long bit = (long)(random.Uniform((ulong)i) * (8 * bytes));
            byte[] damaged = [.. whole];
            damaged[bit / 8] ^= (byte)(1 << (int)(bit % 8));
            try
            {
                ModelFile.From(TensorFile.Read(new MemoryStream(damaged), "m"), "m");
                silent.Add($"bit {bit % 8} of byte {bit / 8}");
            }
            catch (UserErrorException e)
            {
                Assert.InRange(e.Message.Length, 1, 500);
                Assert.DoesNotContain('\n', e.Message);
            }
        }
        Assert.Empty(silent);
    }

    [Theory, MemberData(nameof(Fixtures))]
    public void A_file_cut_or_continued_is_refused(string fixture)
    {
        byte[] whole = File.ReadAllBytes(Written(fixture));
        int header = 8 + (int)BitConverter.ToInt64(whole);
        foreach (int length in (int[])[0, 1, 7, 8, 9, header / 2, header - 1, header, header + 1, (header + whole.Length) / 2, whole.Length - 1])
            Refused(whole[..length]);
        Refused([.. whole, 0]);
        Refused([.. whole, .. whole]);

        static void Refused(byte[] bytes)
        {
            string error = Assert.Throws<UserErrorException>(() => ModelFile.From(TensorFile.Read(new MemoryStream(bytes), "m"), "m")).Message;
            Assert.StartsWith("'m'", error);
        }
    }

    // Fixtures are files of earlier versions: saved again, they are of today's.
    private string Written(string fixture)
    {
        string path = _folder[fixture];
        ITaskModel model = TaskList.Open(Path.Combine(FixtureFolder, $"{fixture}.safetensors"));
        model.Save(path);
        Assert.Equal(model.WeightsSha256, TaskList.Open(path, note: note => Assert.Fail(note)).WeightsSha256);
        return path;
    }
}
