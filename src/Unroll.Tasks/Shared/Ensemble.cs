using System.Globalization;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Layers;

namespace Unroll.Tasks.Shared;

/// <summary>
/// What models with several members share: networks of one description, alike but for the training seed, whose mean is the model's answer. The
/// members' errors that do not agree cancel out; where they agree nothing is gained.
/// </summary>
public static class Ensemble
{
    /// <summary>The options of one member: those of a run that trains it alone on the same parts.</summary>
    /// <param name="options">Those of all.</param>
    /// <param name="member">Which, from 1.</param>
    public static TOptions Options<TOptions>(TOptions options, int member) where TOptions : TaskOptions => options.Members == 1 ? options
        : (TOptions)(options with { Members = 1, MemberSeeds = null, TrainingSeed = SeedOf(options, member) });

    /// <summary>The training seed of a member.</summary>
    /// <param name="options">The options of all.</param>
    /// <param name="member">Which, from 1.</param>
    public static ulong SeedOf(TaskOptions options, int member) =>
        options.MemberSeeds?.Split(',') is { } seeds && seeds.Length == options.Members
            ? ulong.Parse(seeds[member - 1], CultureInfo.InvariantCulture)
            : unchecked(options.LearningSeed + (ulong)(member - 1));

    internal static string? WrongSeeds(string seeds) =>
        seeds.Split(',').All(seed => ulong.TryParse(seed, NumberStyles.None, CultureInfo.InvariantCulture, out _)) ? null
            : $"expected whole numbers separated by commas, found '{seeds}'.";

    /// <summary>The options of each member, in order.</summary>
    /// <param name="options">Those of all.</param>
    public static IEnumerable<TOptions> OptionsOfEach<TOptions>(TOptions options) where TOptions : TaskOptions =>
        Enumerable.Range(1, options.Members).Select(member => Options(options, member));

    /// <summary>The hash of the weights of all members.</summary>
    /// <param name="model">The model.</param>
    public static string WeightsSha256(ITaskModel model) => WeightsHash.Compute(Weights(model));

    /// <summary>The weights of each member, in order: what <see cref="ModelFile"/> saves.</summary>
    /// <param name="model">The model.</param>
    public static IReadOnlyList<ParameterStore> Weights(ITaskModel model) => [.. model.Members.Select(member => member.Parameters)];

    /// <summary>Throws where a file has another number of networks than its description says.</summary>
    /// <param name="file">The file.</param>
    /// <param name="options">Those in its description.</param>
    /// <exception cref="UserErrorException">It has.</exception>
    public static void Require(ModelFile file, TaskOptions options)
    {
        if (file.Members != options.Members)
            throw new UserErrorException($"'{file.Name}' is a damaged model: it has the weights of {file.Members} members, and its description " +
                $"says {options.Members}; fetch or train it again.");
    }

    /// <summary>The mean of rows, element by element: in double, in the order of the members; of one member the very rows.</summary>
    /// <param name="members">What each member says, of one length.</param>
    public static float[] Mean(IReadOnlyList<float[]> members)
    {
        if (members.Count == 1) return members[0];
        float[] mean = new float[members[0].Length];
        for (int i = 0; i < mean.Length; i++)
        {
            double sum = 0;
            foreach (float[] own in members) sum += own[i];
            mean[i] = (float)(sum / members.Count);
        }
        return mean;
    }

    /// <summary>The mean of what each member says of some things, element by element: see <see cref="Mean(IReadOnlyList{float[]})"/>.</summary>
    /// <param name="members">[members][things], of one length for each thing.</param>
    public static float[][] Mean(IReadOnlyList<IReadOnlyList<float[]>> members) => members.Count == 1 ? [.. members[0]]
        : [.. Enumerable.Range(0, members[0].Count).Select(i => Mean([.. members.Select(own => own[i])]))];

    /// <summary>The state of one sequence in all members: of one member its network's, of several a part for each, in order.</summary>
    /// <param name="model">The model; its networks read forward alone.</param>
    public static State NewState(ITaskModel model) => model.Members.Count == 1 ? model.Network.NewState(1)
        : new State("members", 1, [.. model.Members.Select(member => member.Network.NewState(1))]);

    /// <summary>The part of <see cref="NewState"/> that is one member's.</summary>
    /// <param name="state">The state.</param>
    /// <param name="member">Which, from 0.</param>
    /// <param name="members">How many the model has.</param>
    public static State StateOf(State state, int member, int members) => members == 1 ? state : state.Children[member];

    /// <summary>Throws where a run that trains one network is asked for several.</summary>
    /// <exception cref="OptionException">It is.</exception>
    internal static void RequireOne(TaskOptions options)
    {
        if (options.Members > 1)
            throw new OptionException("members", "a run of this task trains one network; train several with other training seeds, or leave it out.");
    }
}
