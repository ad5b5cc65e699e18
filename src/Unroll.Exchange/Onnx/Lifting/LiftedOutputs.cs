using System.Collections.Immutable;
using Unroll.Exchange.Onnx.Graphs;

namespace Unroll.Exchange.Onnx.Lifting;

/// <summary>Finds the one stack of layers that all outputs of a graph come from.</summary>
internal static class LiftedOutputs
{
    /// <summary>The stack and the outputs; null: there is none.</summary>
    public static LiftedParts? Read(LiftContext context, OnnxGraph graph, out string why)
    {
        List<(OnnxPort Port, AxisValue Value)> outputs = [];
        foreach (OnnxPort port in graph.Outputs)
            switch (context[port.Name])
            {
                case UnknownValue unknown: why = unknown.Why; return null;
                case RowsValue or StatesValue: outputs.Add((port, Finished(context, (AxisValue)context[port.Name], port))); break;
                default: why = $"output '{port.Name}' is no row of a layer and no state"; return null;
            }
        Rows? top = Top(outputs, context);
        why = top is null ? "its outputs come from different layers, or from none" : Fault(top, outputs, context);
        if (why.Length > 0 || top is null) return null;
        return new LiftedParts([.. top.All], context.Steps, context.Sequences, RowRules.HasLengths(top) ? context.Lengths?.Port : null,
            [.. outputs.Select(one => One(one.Port, one.Value, context))]) { FixedSequences = context.FixedSequences };
    }

    // States alone are rows too: those of the last step.
    private static AxisValue Finished(LiftContext context, AxisValue value, OnnxPort port) => value is RowsValue { Direction: null } rows
        ? rows.Steps switch
        {
            StepPick.Last => rows with { Of = context.Pool(rows.Of, PoolKind.Last, port.Name), Steps = StepPick.All },
            StepPick.Ends => rows with { Of = context.Pool(rows.Of, PoolKind.Ends, port.Name), Steps = StepPick.All },
            _ => rows,
        }
        : value;

    private static Rows? Top(List<(OnnxPort Port, AxisValue Value)> outputs, LiftContext context)
    {
        Rows[] tops = [.. outputs.Select(one => one.Value).OfType<RowsValue>().Select(rows => rows.Of).Distinct()];
        if (tops.Length > 1) return null;
        if (tops is [var top]) return top;
        int own = outputs.FindIndex(one => one.Value is StatesValue { IsCell: false } states && StateRules.Rows(states) is not null);
        if (own >= 0 && Finished(context, StateRules.Rows((StatesValue)outputs[own].Value)!,
            outputs[own].Port) is RowsValue { Steps: StepPick.All } rows)
        {
            outputs[own] = (outputs[own].Port, rows);
            return rows.Of;
        }
        return outputs.Select(one => one.Value).OfType<StatesValue>().SelectMany(states => states.Slots).Select(slot => context.Now(slot).Layer)
            .MaxBy(layer => layer.All.Count());
    }

    /// <summary>What speaks against it; empty: nothing.</summary>
    private static string Fault(Rows top, List<(OnnxPort Port, AxisValue Value)> outputs, LiftContext context)
    {
        if (!top.Recurs) return "it has no recurrent layer";
        RecurrentRows[] recurrent = [.. top.All.OfType<RecurrentRows>()];
        if (recurrent.Select(layer => layer.HasLengths).Distinct().Count() > 1) return "lengths reach some of its recurrent layers and not all";
        foreach ((OnnxPort port, AxisValue value) in outputs)
        {
            if (value is RowsValue rows && (rows.Steps != StepPick.All || rows.Direction is not null))
                return $"output '{port.Name}' is one direction or the first or last step of the batch, which no pooling of a network here gives";
            if (value is StatesValue states && states.Slots.Any(slot => !recurrent.Contains(context.Now(slot).Layer)))
                return $"output '{port.Name}' is a state of a layer that the other outputs do not come from";
            HashSet<Atom> known = [.. value is RowsValue own ? own.Of.Features : Own((StatesValue)value), .. Atoms(context.Steps),
                .. Atoms(context.Sequences)];
            if (value.Axes.Atoms.FirstOrDefault(atom => !known.Contains(atom)) is { } strange && !strange.IsOne)
                return strange == context.Sorted ? $"output '{port.Name}' is left in the order of the lengths"
                    : $"output '{port.Name}' has axes {value.Axes}";
            if (known.FirstOrDefault(atom => !atom.IsOne && !value.Axes.Atoms.Contains(atom)
                && (atom != context.Steps || value is RowsValue { Of.Pooled: false }))
                is { } missing) return $"output '{port.Name}' has no axis for {missing.Name}";
        }
        return "";

        static IEnumerable<Atom> Own(StatesValue states) => [.. states.Counting, states.Units];
        static IEnumerable<Atom> Atoms(Atom? atom) => atom is null ? [] : [atom];
    }

    private static LiftedOutput One(OnnxPort port, AxisValue value, LiftContext context) => value is RowsValue rows
        ? new(port, rows.Axes, rows.Meaning, null)
        : new(port, value.Axes, OutputMeaning.Plain, (StatesValue)value with
        {
            Slots = [.. ((StatesValue)value).Slots.Select(context.Now)],
        });
}
