using System.Globalization;
using Unroll.Core;

namespace Unroll.Formats;

//  unroll.members = "3"
//  member.1.encoder.weight_ih_l0 … member.1.head.bias, member.2.encoder.weight_ih_l0 … member.3.head.bias
/// <summary>How a model file names the tensors of several networks of one description; those of a single one have their own names.</summary>
internal static class MemberTensors
{
    /// <summary>The key of their number in the metadata, which a file of one network does not have.</summary>
    public const string CountKey = "unroll.members";

    private const string Beginning = "member.";

    /// <summary>The name of a tensor in the file.</summary>
    /// <param name="name">Its name in its network.</param>
    /// <param name="member">Which network, from 1.</param>
    /// <param name="members">How many the file has.</param>
    public static string NameOf(string name, int member, int members) =>
        members == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{Beginning}{member}.{name}");

    /// <summary>What errors call a network of a file.</summary>
    public static string FileOf(string file, int member, int members) =>
        members == 1 ? file : string.Create(CultureInfo.InvariantCulture, $"{file}, member {member}");

    /// <summary>How many networks a file says that it has, from 1; null: what it says is no such number.</summary>
    /// <param name="file">Its metadata.</param>
    public static int? CountOf(TensorFile file) => file.MetadataOf(CountKey) is not { } text ? 1
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is > 1 and <= ModelFile.MostMembers ? count
        : null;

    /// <summary>The tensors of each network under their own names, in the order of the file.</summary>
    /// <param name="tensors">All of the file's.</param>
    /// <param name="members">How many networks it has.</param>
    /// <param name="file">The name of the file in errors.</param>
    /// <exception cref="UserErrorException">A tensor belongs to none of them.</exception>
    public static IReadOnlyList<IReadOnlyList<Tensor>> Split(IReadOnlyList<Tensor> tensors, int members, string file)
    {
        if (members == 1) return [tensors];
        List<Tensor>[] own = [.. Enumerable.Range(0, members).Select(_ => new List<Tensor>())];
        string[] numbers = [.. Enumerable.Range(1, members).Select(member => member.ToString(CultureInfo.InvariantCulture))];
        foreach (Tensor tensor in tensors)
        {
            string[] parts = tensor.Name.Split('.', 3);
            int at = parts is ["member", var number, _] ? Array.IndexOf(numbers, number) : -1;
            if (at < 0)
                throw new UserErrorException($"'{file}': tensor '{tensor.Name}' belongs to none of the {members} members: expected '{Beginning}1.…' "
                    + $"to '{Beginning}{members}.…'; fetch or save it again.");
            own[at].Add(tensor.Named(parts[2]));
        }
        return own;
    }
}
