using TorchSharp.Modules;

namespace TorchSharp.Modules
{
    using System.Collections;
    using static TorchSharp.torch;

    /// <summary>Modules under the names 0, 1, 2 and so on; calling them is left to the owner.</summary>
    public class ModuleList<T> : nn.Module, IList<T> where T : nn.Module
    {
        private readonly List<T> _list = [];

        public ModuleList(params T[] modules) : base(nameof(ModuleList<>)) => extend(modules);

        public int Count => _list.Count;
        public bool IsReadOnly => false;

        public T this[int index]
        {
            get => _list[index];
            set
            {
                _list[index] = value;
                Rename();
            }
        }

        public void Add(T item)
        {
            register_module(_list.Count.ToString(), item);
            _list.Add(item);
        }

        public void append(params T[] parameters) => extend(parameters);

        public void extend(IEnumerable<T> modules)
        {
            foreach (var module in modules)
                Add(module);
        }

        public void Insert(int index, T item)
        {
            _list.Insert(index, item);
            Rename();
        }

        public bool Remove(T item)
        {
            var removed = _list.Remove(item);
            Rename();
            return removed;
        }

        public void RemoveAt(int index)
        {
            _list.RemoveAt(index);
            Rename();
        }

        public void Clear()
        {
            _list.Clear();
            Rename();
        }

        public bool Contains(T item) => _list.Contains(item);
        public int IndexOf(T item) => _list.IndexOf(item);
        public void CopyTo(T[] array, int arrayIndex) => _list.CopyTo(array, arrayIndex);
        public IEnumerator<T> GetEnumerator() => _list.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        // Names are positions, so a change in the middle names all anew.
        private void Rename()
        {
            ClearModules();
            for (var k = 0; k < _list.Count; k++)
                register_module(k.ToString(), _list[k]);
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static ModuleList<Module> ModuleList(params Module[] modules) => new(modules);
            public static ModuleList<T> ModuleList<T>(params T[] modules) where T : Module => new(modules);
        }
    }
}
