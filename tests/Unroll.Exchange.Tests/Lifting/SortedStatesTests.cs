namespace Unroll.Exchange.Tests.Lifting;

/// <summary>A graph that puts sequences in the order of their lengths, and reads first states from an input.</summary>
public sealed class SortedStatesTests
{
    // The rows are sorted and the states are not: in the graph, states go to other sequences than their own. By torchscript.py's exporter:
    // sort(n), pack_padded_sequence(x[order], enforce_sorted=True) with (h0, c0) as they are, y[inverse].
    [Fact]
    public void First_states_of_an_input_beside_sorted_sequences_are_not_lifted() =>
        Assert.Contains("(LSTM, opset 14)", Fixture.Why("states-beside-sorted"));
}
