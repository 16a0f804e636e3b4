using System.Collections;

namespace TorchSharp.Modules;

/// <summary>What a module registers under names, in the order of registration, which is the order of its state dictionary.</summary>
internal sealed class OrderedNames<T>(string what) : IEnumerable<KeyValuePair<string, T>>
{
    private readonly OrderedDictionary<string, T> _entries = [];

    internal void Add(string name, T value)
    {
        if (string.IsNullOrEmpty(name))
            throw new ArgumentException($"{what} name must be non-empty.");
        if (name.Contains('.'))
            throw new ArgumentException($"{what} name '{name}' must not contain '.'.");
        if (!_entries.TryAdd(name, value))
            throw new InvalidOperationException($"{what} {name} is already registered.");
    }

    internal void Set(string name, T value) => _entries[name] = value;
    internal void Remove(string name) => _entries.Remove(name);
    internal void Clear() => _entries.Clear();
    internal int Count => _entries.Count;
    internal bool Contains(string name) => _entries.ContainsKey(name);
    internal bool TryGet(string name, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out T value) => _entries.TryGetValue(name, out value);

    public IEnumerator<KeyValuePair<string, T>> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
