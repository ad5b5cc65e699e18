namespace Unroll.Serving.Dispatch;

/// <summary>
/// The replies of a loop, on their way to those who wait. Each is a work item of its own, for nobody knows how long whoever waits goes on; those that
/// are brief share one, because what follows them (the responses of a server) is cheaper together.
/// </summary>
internal sealed class Replies
{
    private List<Request> _brief = [];

    /// <summary>A request has its reply.</summary>
    public void Add(Request request)
    {
        if (request.Brief) _brief.Add(request);
        else ThreadPool.UnsafeQueueUserWorkItem(request, preferLocal: false);
    }

    /// <summary>The brief ones go: a round is over.</summary>
    public void Send()
    {
        if (_brief.Count == 0) return;
        ThreadPool.UnsafeQueueUserWorkItem(static replies =>
        {
            foreach (Request request in replies) request.Execute();
        }, _brief, preferLocal: false);
        _brief = [];
    }
}
