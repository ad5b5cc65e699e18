namespace Unroll.Serving.Dispatch;

/// <summary>What comes to a loop from other threads: requests, and seats whose rows have been written.</summary>
/// <param name="most">The most requests that are on their way or wait for their session.</param>
internal sealed class Inbox(int most)
{
    private readonly object _gate = new();
    private List<Request> _requests = [], _spareRequests = [];
    private List<Seat> _written = [], _spareWritten = [];
    private bool _closed, _asleep;
    private int _open;

    /// <summary>Requests that have not been answered.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Whether nothing more comes.</summary>
    public bool Closed
    {
        get
        {
            lock (_gate) return _closed;
        }
    }

    /// <summary>A request comes.</summary>
    /// <returns>False: there are too many, or the loop has ended.</returns>
    public bool Add(Request request, bool always = false)
    {
        lock (_gate)
        {
            if (_closed || _open >= most && !always) return false;
            Interlocked.Increment(ref _open);
            _requests.Add(request);
            Wake();
            return true;
        }
    }

    /// <summary>A row has an outcome.</summary>
    public void Add(Seat written)
    {
        lock (_gate)
        {
            _written.Add(written);
            Wake();
        }
    }

    /// <summary>A request has been answered.</summary>
    public void Answered() => Interlocked.Decrement(ref _open);

    /// <summary>Nothing more comes.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Wake();
        }
    }

    /// <summary>What has come; it is the caller's until the next call.</summary>
    /// <param name="wait">Whether to wait until something has.</param>
    /// <param name="requests">Requests, in the order in which they came.</param>
    /// <param name="written">Seats whose rows have an outcome.</param>
    /// <returns>False: the loop is to end.</returns>
    public bool Take(bool wait, out List<Request> requests, out List<Seat> written)
    {
        _spareRequests.Clear();
        _spareWritten.Clear();
        lock (_gate)
        {
            while (wait && _requests.Count == 0 && _written.Count == 0)
            {
                if (_closed && Volatile.Read(ref _open) == 0)
                {
                    (requests, written) = (_spareRequests, _spareWritten);
                    return false;
                }
                _asleep = true;
                Monitor.Wait(_gate);
                _asleep = false;
            }
            (requests, _requests, _spareRequests) = (_requests, _spareRequests, _requests);
            (written, _written, _spareWritten) = (_written, _spareWritten, _written);
            return true;
        }
    }

    private void Wake()
    {
        if (_asleep) Monitor.Pulse(_gate);
    }
}
