using Unroll.Core;
using Unroll.Exchange.Onnx.Wire;
using Unroll.Formats;
using Unroll.Networks;
using Unroll.Numerics;

namespace Unroll.Exchange.Onnx.Writing;

/// <summary>
/// Writes networks as ONNX files, for ONNX Runtime and every other program that runs such files. What is written is read back and run, and compared
/// with the network, before a file takes its name.
/// </summary>
/// <example><code>
/// OnnxExport.Save("model.onnx", ModelFile.Load("model.safetensors"));
/// OnnxExport.Save("network.onnx", network, new OnnxExportOptions { Step = true });
/// </code></example>
public static class OnnxExport
{
    private const long LargestFile = 2_000_000_000;                      // a message of Protocol Buffers has fewer than 2³¹ bytes

    /// <summary>Writes a network.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="network">The network, its weights as they are.</param>
    /// <param name="options">How; null: opset 17, whole sequences.</param>
    /// <exception cref="UserErrorException">
    /// It has a cell of C# code, is too large for such a file, or the file cannot be written; or it has no single steps, where they are asked for.
    /// </exception>
    public static OnnxExportReport Save(string path, Network network, OnnxExportOptions? options = null)
    {
        ExportPlan plan = new(path, options ?? new OnnxExportOptions(), "{}", network.Spec.ToJson(), WeightsHash.Compute(network.Parameters));
        if (network.Precision != WeightPrecision.Float32)
        {
            plan.Note(Rounded(network.Precision));
            network = Floats(network);
        }
        return Write(plan, [network], MemberMean.None, 1, null);
    }

    /// <summary>Writes an encoder–decoder as two files.</summary>
    /// <param name="path">The stem: NAME.onnx stands for NAME.encoder.onnx and NAME.decoder.onnx.</param>
    /// <param name="model">The network, its weights as they are.</param>
    /// <param name="options">How; null: opset 17.</param>
    /// <exception cref="UserErrorException">
    /// It has a cell of C# code or weights that are no floats, is too large for such a file, or a file cannot be written.
    /// </exception>
    public static OnnxExportReport Save(string path, EncoderDecoder model, OnnxExportOptions? options = null)
    {
        if (model.EncoderNetwork.Precision != WeightPrecision.Float32)
            throw new UserErrorException($"'{path}': the encoder and the decoder have {model.EncoderNetwork.Precision.Words()}, "
                + "and ONNX files hold floats; save the model as a file and write that.");
        string spec = model.Spec.Stored.ToJson();
        return Write(new ExportPlan(path, options ?? new OnnxExportOptions(), "{}", spec, WeightsHash.Compute(model.Parameters)), model);
    }

    /// <summary>Writes a model file's network, or its networks.</summary>
    /// <param name="path">The file to create or replace; of an encoder–decoder the stem of two, NAME.encoder.onnx and NAME.decoder.onnx.</param>
    /// <param name="file">The model.</param>
    /// <param name="options">How; null: opset 17, whole sequences, of an ensemble the mean.</param>
    /// <exception cref="UserErrorException">
    /// As for a network; or the members' answers are not a mean of outputs, and none of them was named.
    /// </exception>
    public static OnnxExportReport Save(string path, ModelFile file, OnnxExportOptions? options = null)
    {
        options ??= new OnnxExportOptions();
        int[] members = MembersOf(file, options);
        MemberMean mean = members.Length == 1 ? MemberMean.None : TaskKnowledge.MeanOf(file.TaskJson, file.Spec);
        bool pair = StoredEncoderDecoder.Is(file.Spec);
        if (members.Length > 1 && (pair || mean == MemberMean.None))
            throw new UserErrorException($"'{file.Name}' has {file.Members} members, and what they say together is no mean of their outputs; "
                + $"write them one by one, by the option member from 1 to {file.Members}.");
        if (pair)
        {
            EncoderDecoder model = StoredEncoderDecoder.Open(file, members[0]);
            ExportPlan of = new(path, options, file.TaskJson, file.Spec.ToJson(), WeightsHash.Compute(model.Parameters));
            NoteOf(of, file, options);
            return Write(of, model);
        }
        Network[] networks = [.. members.Select(member => Open(file, member))];
        ExportPlan plan = new(path, options, file.TaskJson, file.Spec.ToJson(), WeightsHash.Compute([.. networks.Select(one => one.Parameters)]));
        NoteOf(plan, file, options);
        return Write(plan, networks, mean, file.Members, options.Member);
    }

    private static string Rounded(WeightPrecision precision) => $"{precision.Words()} are written as the floats that they stand for, exactly"
        + (precision == WeightPrecision.Int8 ? "; the quantized model rounds what it multiplies them with too, so that its own answers differ a "
            + "little from the graph's" : "");

    private static int[] MembersOf(ModelFile file, OnnxExportOptions options)
    {
        options.Check();
        if (options.Member is not { } one) return [.. Enumerable.Range(1, file.Members)];
        return one >= 1 && one <= file.Members ? [one]
            : throw new UserErrorException($"member: expected 1 to {file.Members} because '{file.Name}' has as many, got {one}.");
    }

    private static Network Open(ModelFile file, int member)
    {
        Network network = Network.Build(file.Spec, file.Cells);
        file.CopyInto(network.Parameters, member);
        return network;
    }

    // What fewer bits stand for is in the parameters.
    private static Network Floats(Network network)
    {
        Network floats = Network.Build(network.Spec, network.Cells);
        using Edit edit = floats.Parameters.Edit();
        network.Parameters.Values.CopyTo(edit.Values);
        return floats;
    }

    private static void NoteOf(ExportPlan plan, ModelFile file, OnnxExportOptions options)
    {
        if (file.Precision != WeightPrecision.Float32) plan.Note(Rounded(file.Precision));
        if (options.Member is { } member && file.Members > 1)
            plan.Note($"this is member {member} of {file.Members}; the model's answer is what all of them say together");
        foreach (string note in TaskKnowledge.Notes(file.TaskJson, file.Spec)) plan.Note(note);
    }

    private static OnnxExportReport Write(ExportPlan plan, Network[] networks, MemberMean mean, int of, int? member)
    {
        plan.Options.Check();
        RequireSmall(plan.Path, networks.Sum(one => 4L * one.Parameters.Length));
        foreach (string note in OperatorNotes.Of(networks[0].Spec)) plan.Note(note);
        (string, string)[] which = of == 1 ? [] : member is { } one
            ? [(ModelMetadata.Members, $"{of}"), (ModelMetadata.Member, $"{one}")]
            : [(ModelMetadata.Members, $"{of}")];
        int longest = Math.Min(7, ProbeBatch.LongestOf(networks[0].Spec) ?? 7);
        Rng draws = new Rng(1).For("probe");
        plan.Add(plan.Path, NetworkWriter.Write(networks, mean, plan.Options.Opset, step: false).Graph, "sequences", which, run =>
        {
            Probe probe = new(networks, mean, ThreadTeam.Default);
            probe.Sequences(run, [longest, 1, (longest + 1) / 2], longest, draws, states: false);
            probe.Sequences(run, [1, longest], longest, draws.At(1), states: true);
            return probe.Result;
        });
        if (plan.Options.Step)
            plan.Add(plan.Named("step"), NetworkWriter.Write(networks, mean, plan.Options.Opset, step: true).Graph, "step", which, run =>
            {
                Probe probe = new(networks, mean, ThreadTeam.Default);
                probe.Steps(run, 3, 5, draws.At(2));
                return probe.Result;
            });
        return plan.Finish();
    }

    private static OnnxExportReport Write(ExportPlan plan, EncoderDecoder model)
    {
        plan.Options.Check();
        RequireSmall(plan.Path, 4L * model.Parameters.Length);
        foreach (string note in OperatorNotes.Of(model.Spec.Stored)) plan.Note(note);
        if (plan.Options.Step)
            plan.Note("the decoder's graph is one step already, and the encoder reads whole sequences: the option step adds nothing");
        EncoderDecoderWriter writer = new(model, plan.Options.Opset);
        (string, string)[] symbols = [("begin", $"{model.Spec.Begin}"), ("end", $"{model.Spec.End}")];
        GraphProto encoder = writer.Encoder().Graph, decoder = writer.Decoder().Graph;
        RunGraph? read = null;
        EncoderDecoderProbe probe = new(model, ThreadTeam.Default);
        plan.Add(plan.Named("encoder"), encoder, "encoder", symbols, run =>
        {
            read = run;
            return default;
        });
        plan.Add(plan.Named("decoder"), decoder, "decoder", symbols, run =>
        {
            probe.Pairs(read!, run, [6, 1, 3], 6, 4, new Rng(1).For("probe"));
            plan.Replace(0, probe.Encoder);
            return probe.Decoder;
        });
        plan.Note("the search for a translation stays outside: the decoder's graph scores the next symbol of each row");
        return plan.Finish();
    }

    private static void RequireSmall(string path, long bytes)
    {
        if (bytes > LargestFile)
            throw new UserErrorException($"'{path}': an ONNX file holds at most 2 GB, and these weights need {bytes:N0} bytes; write the members of "
                + "an ensemble one by one, or train a smaller network.");
    }
}
