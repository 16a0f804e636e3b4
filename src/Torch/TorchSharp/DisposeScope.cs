namespace TorchSharp;

/// <summary>
/// Frees, when it is disposed, every tensor made on this thread while it was the innermost scope, except for those moved or detached.
/// </summary>
public sealed class DisposeScope : IDisposable
{
    // Each tensor knows its slot, so that leaving a scope costs no search. A lock, because finalizers and other threads may dispose.
    private readonly List<torch.Tensor> _tensors = [];
    private readonly List<IDisposable> _others = [];

    internal DisposeScope(DisposeScope? outer) => Outer = outer;

    internal DisposeScope? Outer { get; set; }

    public int DisposablesCount
    {
        get { lock (_tensors) return _tensors.Count + _others.Count; }
    }

    public IReadOnlyList<IDisposable> DisposablesView
    {
        get { lock (_tensors) return [.. _tensors, .. _others]; }
    }

    public bool Contains(IDisposable disposable)
    {
        lock (_tensors)
            return disposable is torch.Tensor tensor ? tensor.OwningDisposeScope == this : _others.Contains(disposable);
    }

    public T MoveToOuter<T>(T disposable) where T : IDisposable => Moved(Outer, disposable);
    public (T1 first, T2 second) MoveToOuter<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable =>
        (MoveToOuter(first), MoveToOuter(second));
    public (T1 first, T2 second, T3 third) MoveToOuter<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable => (MoveToOuter(first), MoveToOuter(second), MoveToOuter(third));
    public void MoveToOuter(params IDisposable[] disposables) => MoveToOuter((IEnumerable<IDisposable>)disposables);
    public void MoveToOuter(IEnumerable<IDisposable> disposables) => MoveAll(Outer, disposables);

    public T MoveToOther<T>(DisposeScope? scope, T disposable) where T : IDisposable => Moved(scope, disposable);
    public (T1 first, T2 second) MoveToOther<T1, T2>(DisposeScope? scope, T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable =>
        (Moved(scope, first), Moved(scope, second));
    public (T1 first, T2 second, T3 third) MoveToOther<T1, T2, T3>(DisposeScope? scope, T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable => (Moved(scope, first), Moved(scope, second), Moved(scope, third));
    public void MoveToOther(DisposeScope? scope, params IDisposable[] disposables) => MoveAll(scope, disposables);
    public void MoveToOther(DisposeScope? scope, IEnumerable<IDisposable> disposables) => MoveAll(scope, disposables);

    public T Detach<T>(T disposable) where T : IDisposable => Moved(null, disposable);
    public (T1 first, T2 second) Detach<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable => (Detach(first), Detach(second));
    public (T1 first, T2 second, T3 third) Detach<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable => (Detach(first), Detach(second), Detach(third));
    public void Detach(params IDisposable[] disposables) => MoveAll(null, disposables);
    public void Detach(IEnumerable<IDisposable> disposables) => MoveAll(null, disposables);

    public void Attach(IDisposable disposable)
    {
        if (disposable is torch.Tensor { OwningDisposeScope: { } owner } && owner != this)
            owner.Remove(disposable);
        if (!Contains(disposable))
            Add(disposable);
    }

    public void Attach(params IDisposable[] disposables)
    {
        foreach (var disposable in disposables)
            Attach(disposable);
    }

    public IReadOnlyList<IDisposable> Attach(IEnumerable<IDisposable> disposables)
    {
        IDisposable[] attached = [.. disposables];
        Attach(attached);
        return attached;
    }

    public void DisposeEverything() => DisposeEverythingBut([]);

    public void DisposeEverythingBut(params IDisposable[] keep) => DisposeEverythingBut((IEnumerable<IDisposable>)keep);

    public void DisposeEverythingBut(IEnumerable<IDisposable> inKeep)
    {
        var kept = new HashSet<IDisposable>(inKeep, ReferenceEqualityComparer.Instance);
        foreach (var disposable in DisposablesView)
        {
            if (kept.Contains(disposable))
                continue;
            Remove(disposable);
            disposable.Dispose();
        }
    }

    public T DisposeEverythingBut<T>(T keep) where T : IDisposable
    {
        DisposeEverythingBut([keep]);
        return keep;
    }

    public (T1 first, T2 second) DisposeEverythingBut<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable
    {
        DisposeEverythingBut([first, second]);
        return (first, second);
    }

    public (T1 first, T2 second, T3 third) DisposeEverythingBut<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable
    {
        DisposeEverythingBut([first, second, third]);
        return (first, second, third);
    }

    public void MarkAsDisposed(IDisposable disposable) => Remove(disposable);

    public void Dispose()
    {
        DisposeScopeManager.Leave(this);
        lock (_tensors)
        {
            foreach (var tensor in _tensors)
            {
                tensor.OwningDisposeScope = null;
                tensor.Dispose();
            }
            _tensors.Clear();
        }
        foreach (var other in _others)
            other.Dispose();
        _others.Clear();
    }

    internal void Add(IDisposable disposable)
    {
        lock (_tensors)
        {
            if (disposable is torch.Tensor tensor)
            {
                (tensor.OwningDisposeScope, tensor.ScopeSlot) = (this, _tensors.Count);
                _tensors.Add(tensor);
            }
            else
            {
                _others.Add(disposable);
            }
        }
    }

    internal bool Remove(IDisposable disposable)
    {
        lock (_tensors)
        {
            if (disposable is not torch.Tensor tensor)
                return _others.Remove(disposable);
            if (tensor.OwningDisposeScope != this)
                return false;
            var last = _tensors[^1];
            _tensors[tensor.ScopeSlot] = last;
            last.ScopeSlot = tensor.ScopeSlot;
            _tensors.RemoveAt(_tensors.Count - 1);
            tensor.OwningDisposeScope = null;
            return true;
        }
    }

    private void MoveAll(DisposeScope? scope, IEnumerable<IDisposable> disposables)
    {
        foreach (var disposable in disposables)
            Moved(scope, disposable);
    }

    private T Moved<T>(DisposeScope? scope, T disposable) where T : IDisposable
    {
        if (Remove(disposable))
            scope?.Add(disposable);
        return disposable;
    }
}
