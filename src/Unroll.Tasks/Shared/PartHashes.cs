using System.Text;
using Unroll.Formats;
using Unroll.Training;

namespace Unroll.Tasks.Shared;

/// <summary>
/// The hashes by which a run that is resumed knows its data again: one for each part, so that what changed can be named. The test part has one too:
/// a run that began on some data and is measured on others would say so nowhere.
/// </summary>
internal static class PartHashes
{
    /// <summary>The name of the part that chooses.</summary>
    internal const string Validation = "validation part";

    /// <summary>Of examples in their parts.</summary>
    /// <param name="parts">The parts.</param>
    /// <param name="add">Hands all that an example consists of to the hash.</param>
    internal static IReadOnlyList<DataPart> Of<T>(Partition<T> parts, Action<Sha256, T> add) =>
        Of(parts.Train, parts.Valid, parts.Test, add);

    /// <summary>Of examples in their parts, each by a text.</summary>
    internal static IReadOnlyList<DataPart> Of<T>(Partition<T> parts, Func<T, string> text) => Of(parts, (hash, one) => hash.AppendText(text(one)));

    /// <summary>Of examples in their parts.</summary>
    internal static IReadOnlyList<DataPart> Of<T>(IEnumerable<T> train, IEnumerable<T> valid, IEnumerable<T> test, Action<Sha256, T> add)
    {
        return [Part("training part", train), Part(Validation, valid), Part("test part", test)];

        DataPart Part(string name, IEnumerable<T> examples)
        {
            Sha256 hash = new();
            foreach (T one in examples) add(hash, one);
            return new DataPart(name, Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
    }

    /// <summary>Adds a text and what tells it from the next one.</summary>
    internal static void AppendText(this Sha256 hash, string text)
    {
        hash.AppendData(BitConverter.GetBytes(text.Length));
        hash.AppendData(Encoding.Unicode.GetBytes(text));
    }
}
